{#- All states of a thing as they were exported, one for each moment.

    Of two that begin at one moment the newest version counts. States that repeat the one before them
    stay: what comes late may part them. -#}
{% macro states_of(things, key) -%}
{%- set keys = ['source_system'] + key -%}
with

{{ sent_and_known(things, keys) }}

select *
from versions
qualify
    row_number() over (
        partition by {{ keys | join(', ') }}, since_at
        order by ingested_at desc, source_line desc, row_hash
    ) = 1
{%- endmacro %}


{#- The states of a thing, one after the other (slowly changing dimension of type 2).

    A state that repeats the one before it is left out. The first one known is taken to have held
    from the start: a dial made before the first export has a team, too. In a day's run only things
    that new states tell of are lined up anew. -#}
{% macro history_of(things, key, columns) -%}
{%- set keys = (['source_system'] + key) | join(', ') -%}
with

known as (

    select * from {{ ref('int_' ~ things ~ '__states') }}

),

states as (

    select known.*
    from known
    {%- if is_incremental() %}
    semi join (
        select {{ keys }}
        from known
        semi join {{ source('scope', 'pending_batches') }} as sent using (batch_id)
    ) as told using ({{ keys }})
    {%- endif %}

),

changes as (

    select *
    from states
    qualify
        row_hash is distinct from lag(row_hash) over (partition by {{ keys }} order by since_at)

),

placed as (

    select
        *,
        row_number() over (partition by {{ keys }} order by since_at) = 1 as is_first_known,
        lead(since_at) over (partition by {{ keys }} order by since_at) as next_at
    from changes

),

timed as (

    select
        *,
        case
            when is_first_known and not has_own_start then timestamptz '1970-01-01 00:00:00+00'
            else since_at
        end as valid_from,
        least(coalesce(ended_at, next_at), coalesce(next_at, ended_at)) as valid_to,
        next_at is null and ended_at is null and not is_deleted as is_current
    from placed

)

select
    {{ columns | join(',\n    ') }}
from timed
{%- endmacro %}
