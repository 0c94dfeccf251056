{#- Who asked for no more calls, from when and until when: a row for each request and list entry; a
    chain of CTEs that ends in `told`. What a person said holds for good; a list may name its end. -#}
{% macro do_not_call_told() -%}
requests as (

    select * from {{ ref('fct_do_not_call_requests') }}

),

entries as (

    select * from {{ ref('dim_dnc_entries_history') }}

),

told as (

    select
        phone_hash,
        call_id,
        requested_at,
        request_id,
        source,
        null::timestamptz as until_at
    from requests

    union all

    select
        phone_hash,
        source_call_id as call_id,
        began_at as requested_at,
        'list:' || list_id as request_id,
        'list ' || list_id as source,
        case
            when valid_to is not null
                then greatest(valid_to, coalesce(earliest_end_at, valid_to))
        end as until_at
    from entries
    where not is_deleted

)
{%- endmacro %}
