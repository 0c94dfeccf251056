{#- What a number is after each piece of evidence, as a chain of CTEs that ends in `placed`.

    `told` has phone_hash, evidence_date, seen_at, kind (alive, dead, surely_dead, suspended) and
    evidence_id. -#}
{% macro judge_numbers(told, company) -%}
lives as (

    select
        *,
        -- Every proof of life begins a new count of what speaks against the number.
        count(*) filter (where kind = 'alive') over before as life_number
    from {{ told }}
    window before as (
        partition by phone_hash
        order by seen_at, evidence_id
        rows between unbounded preceding and current row
    )

),

counted as (

    select
        *,
        -- A carrier says 空号 by mistake, too, and twice in a minute: days count.
        count(distinct evidence_date) filter (where kind = 'dead') over so_far
            as dead_days,
        count(*) filter (where kind = 'surely_dead') over so_far > 0 as is_surely_dead
    from lives
    window so_far as (
        partition by phone_hash, life_number
        order by seen_at, evidence_id
        rows between unbounded preceding and current row
    )

),

judged as (

    select
        counted.*,
        case
            when counted.kind = 'alive' then 'in_service'
            when counted.kind = 'suspended' then 'suspended'
            when
                counted.is_surely_dead
                or counted.dead_days >= {{ company }}.invalid_number_dials
                then 'invalid'
            else 'doubtful'
        end as state
    from counted
    cross join {{ company }}

),

changes as (

    select
        *,
        coalesce(
            state <> lag(state) over (
                partition by phone_hash order by seen_at, evidence_id
            ),
            true
        ) as is_change
    from judged

),

placed as (

    select
        *,
        count(*) filter (where is_change) over so_far as state_number
    from changes
    window so_far as (
        partition by phone_hash
        order by seen_at, evidence_id
        rows between unbounded preceding and current row
    )

)
{%- endmacro %}
