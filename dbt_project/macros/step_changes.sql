{#- The change of a rate, split exactly into mix and rate of its groups (Kitagawa 1955).

    With share w and rate r of a group: rate effect (r1 - r0)(w0 + w1) / 2, mix effect
    (w1 - w0)((r0 + r1) / 2 - the mean of both totals). A group of one week alone has no rate in the
    other: its rate is taken as the same, so that its coming or going is mix. -#}
{% macro changes_split(channels, rated) -%}
    , compared as (

        select
            channels.*,
            coalesce(later.due_count, 0) as due_count,
            coalesce(later.due_passed_count, 0) as due_passed_count,
            coalesce(earlier.due_count, 0) as previous_due_count,
            coalesce(earlier.due_passed_count, 0) as previous_due_passed_count,
            later.step_rate,
            earlier.step_rate as previous_step_rate,
            coalesce(later.due_share_rate, 0) as due_share_rate,
            coalesce(earlier.due_share_rate, 0) as previous_due_share_rate,
            coalesce(later.step_rate, earlier.step_rate) as rate_now,
            coalesce(earlier.step_rate, later.step_rate) as rate_before
        from {{ channels }} as channels
        {%- for side, week in (('later', 'entered_week_date'), ('earlier', 'previous_week_date')) %}
        left join {{ rated }} as {{ side }}
            on
                channels.{{ week }} = {{ side }}.entered_week_date
                and channels.stage = {{ side }}.stage
                and channels.channel_id is not distinct from {{ side }}.channel_id
        {%- endfor %}

    )

    select
        * exclude (rate_now, rate_before),
        round(all_step_rate - previous_all_step_rate, 12) as change_rate,
        round(
            (due_share_rate - previous_due_share_rate)
            * (rate_before + rate_now - previous_all_step_rate - all_step_rate) / 2, 12
        ) as mix_effect_rate,
        round(
            (rate_now - rate_before) * (previous_due_share_rate + due_share_rate) / 2, 12
        ) as rate_effect_rate
    from compared
{%- endmacro %}
