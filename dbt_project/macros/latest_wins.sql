{#- Stretches of time parted so that no two overlap: at every moment the one that began last holds.

    A chain of CTEs that ends in `parted`. `stretches` has the columns of `key`, started_at, ended_at
    and what is told of a stretch. Only stretches that overlap are cut: most do not. -#}
{% macro latest_wins(stretches, key, told) -%}
{%- set keys = key | join(', ') -%}
reached as (

    select
        {{ keys }},
        started_at,
        ended_at,
        {{ told | join(', ') }},
        max(ended_at) over (
            partition by {{ keys }} order by started_at
            rows between unbounded preceding and 1 preceding
        ) as reached_at,
        lead(started_at) over (partition by {{ keys }} order by started_at) as next_at
    from {{ stretches }}
    where ended_at > started_at

),

-- What overlaps, with what it overlaps, is one cluster.
clusters as (

    select
        * exclude (reached_at, next_at),
        count(*) filter (where reached_at is null or started_at >= reached_at) over (
            partition by {{ keys }} order by started_at
        ) as cluster
    from reached
    where started_at < reached_at or next_at < ended_at

),

cuts as (

    select {{ keys }}, cluster, started_at as cut_at from clusters
    union
    select {{ keys }}, cluster, ended_at as cut_at from clusters

),

slices as (

    select
        *,
        lead(cut_at) over (partition by {{ keys }}, cluster order by cut_at) as until_at
    from cuts

),

parted as (

    select
        {{ keys }},
        started_at,
        ended_at,
        {{ told | join(', ') }}
    from reached
    where (reached_at is null or started_at >= reached_at) and (next_at is null or next_at >= ended_at)

    union all

    select
        {{ keys }},
        slices.cut_at as started_at,
        slices.until_at as ended_at,
        {%- for column in told %}
        arg_max(clusters.{{ column }}, clusters.started_at) as {{ column }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from slices
    inner join clusters using ({{ keys }}, cluster)
    where
        clusters.started_at <= slices.cut_at
        and clusters.ended_at >= slices.until_at
    group by all

)
{%- endmacro %}
