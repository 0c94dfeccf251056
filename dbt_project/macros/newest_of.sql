{#- What came of things since the last publication, and what is known of the same ones: CTEs `sent`,
    `known` and, both together, `versions`.

    New rows come from staging, those of the same keys that are known from the table itself, so a
    day's work does not grow with history and an event that moves to another day moves whole. -#}
{% macro sent_and_known(things, keys) -%}
sent as (

    select * from {{ ref('stg_landing__' ~ things) }}

),

known as (

    {% if is_incremental() -%}
        select known.*
        from {{ this }} as known
        semi join sent using ({{ keys | join(', ') }})
    {%- else -%}
        select * from sent where false
    {%- endif %}

),

versions as (

    select * from sent
    union all by name
    select * from known

)
{%- endmacro %}

{#- The newest version of each row by its key, withdrawn ones included. -#}
{% macro newest_of(things, key) -%}
with

{{ sent_and_known(things, key) }}

select *
from versions
qualify
    row_number() over (
        partition by {{ key | join(', ') }}
        order by {{ version_key('versions') }} desc
    ) = 1
{%- endmacro %}
