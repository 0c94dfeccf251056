{#- Steps with what it costs that they are not taken as often as at the best quarter of peers.

    Leads x (benchmark - rate) x chance to pay from there x margin of a deal. -#}
{% macro bottlenecks_valued(cells, stages, margins) -%}
    , ways as (

        select
            here.week_start_date,
            here.stage,
            here.benchmark_rate,
            -- After the last step nothing is left to lose. Rounded: floats multiply by their order.
            round(coalesce(product(further.family_rate), 1), 12) as downstream_rate
        from {{ stages }} as here
        left join {{ stages }} as further
            on
                here.week_start_date = further.week_start_date
                and here.position < further.position
        group by all

    ),

    gaps as (

        select
            cells.* exclude (family_rate, position),
            {{ safe_rate('cells.due_passed_count', 'cells.due_count') }} as step_rate,
            ways.benchmark_rate,
            ways.downstream_rate,
            coalesce(
                own.own_margin, (select max(margins.all_margin) from {{ margins }} as margins)
            ) as margin,
            cells.due_count * greatest(ways.benchmark_rate - cells.shrunken_rate, 0)
            * ways.downstream_rate as lost_deals
        from {{ cells }} as cells
        inner join ways
            on cells.week_start_date = ways.week_start_date and cells.stage = ways.stage
        left join {{ margins }} as own on cells.channel_id is not distinct from own.channel_id

    )

    select
        * exclude (margin, lost_deals),
        margin::decimal(18, 4) as margin_per_deal_amount,
        case when benchmark_rate is not null then lost_deals end::decimal(18, 4)
            as lost_deal_count,
        case when benchmark_rate is not null then lost_deals * margin end::decimal(18, 4)
            as lost_margin_amount,
        row_number() over (
            partition by week_start_date
            order by
                lost_margin_amount desc nulls last, lost_deal_count desc nulls last,
                stage, channel_id, team_id
        )::integer as loss_rank
    from gaps
{%- endmacro %}
