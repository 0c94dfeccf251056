{#- What may move a customer to order again: his ticket was solved, or he was just called.

    A call counts as a push where he had no ticket in the thirty days before it. Of every month the
    first event of a kind counts: who is called daily would otherwise be counted daily. -#}
{% macro repurchase_events() -%}
    with recognised as (

        {{ states_by_key(ref('dim_customers'), 'customer_id') }}

    ),

    calls as (

        select
            coalesce(recognised.surviving_customer_id, dials.customer_id) as customer_id,
            dials.dial_date as index_date,
            coalesce(dials.answered_at, dials.originated_at) as index_at
        from {{ ref('fct_dials') }} as dials
        left join recognised on dials.customer_id = recognised.customer_id
        where
            dials.customer_id is not null
            and dials.direction = 'outbound'
            and dials.is_connected
            and coalesce(dials.answered_at, dials.originated_at) is not null

    ),

    pushes as (

        select calls.*
        from calls
        asof left join {{ ref('fct_tickets') }} as tickets
            on
                calls.customer_id = tickets.customer_id
                and calls.index_at >= tickets.opened_at
        where
            tickets.opened_at is null
            or tickets.opened_at < calls.index_at - interval 30 day

    ),

    happened as (

        select 'push_call' as kind, customer_id, index_date, index_at from pushes
        union all
        select 'solved_ticket' as kind, customer_id, solved_date, solved_at
        from {{ ref('fct_tickets') }}
        where is_solved and customer_id is not null

    )

    select
        *,
        date_trunc('month', index_date)::date as index_month
    from happened
    qualify
        row_number() over (
            partition by kind, customer_id, date_trunc('month', index_date)
            order by index_at
        ) = 1
{%- endmacro %}

{#- Band of a number of days, such as 30-89; none where there is none. -#}
{% macro day_band(column, edges) -%}
    case
        when {{ column }} is null then 'none'
        when {{ column }} < {{ edges[0] }} then '0-{{ edges[0] - 1 }}'
        {%- for edge in edges[1:] %}
        when {{ column }} < {{ edge }} then '{{ edges[loop.index0] }}-{{ edge - 1 }}'
        {%- endfor %}
        else '{{ edges[-1] }}+'
    end
{%- endmacro %}

{#- Which third of all rows that have a value it is in; none where there is none. -#}
{% macro third_of(column) -%}
    case
        when {{ column }} is null then 'none'
        else (['low', 'middle', 'high'])[
            1 + least(floor(
                percent_rank() over (
                    partition by {{ column }} is null order by {{ column }}
                ) * 3
            ), 2)::integer
        ]
    end
{%- endmacro %}
