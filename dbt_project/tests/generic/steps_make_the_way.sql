{#- The product of the step rates up to a stage is the cumulative rate there. -#}
{% test steps_make_the_way(model, group) %}
with

ways as (

    select
        *,
        product(step_rate) over (
            partition by {{ group | join(', ') }}
            order by position
            rows between unbounded preceding and current row
        ) as way_rate
    from {{ model }}

)

select * from ways
where abs(way_rate - cumulative_rate) > 1e-9
{% endtest %}
