{#- Weeks that began until the day of the run, each with the last of its days that is known.

    In an incremental build those alone that this run may change: from the first that the table calls
    open, and those with a day at most `before` days before or `after` days after a touched date.
    `rows` and `date` name where the first date of all is, `seen` what `seen_so_far` gives. -#}
{% macro weeks_so_far(rows, date, before, after) -%}
    select
        days.week_date,
        least(days.week_date + 6, days.run_date) as as_of_date
    from (
        select
            seen.run_date,
            {{ week_start('listed.day::date', 'seen.week_start') }} as week_date
        from seen
        cross join (select min({{ date }}) as first_date from {{ rows }}) as begun
        cross join unnest(
            generate_series(begun.first_date, seen.run_date::timestamp, interval 1 day)
        ) as listed (day)
        group by all
    ) as days
    {%- if is_incremental() %}
    where
        days.week_date >= (
            select least(
                min(kept.week_date) filter (where kept.is_open), max(kept.week_date) + 7
            )
            from {{ this }} as kept
        )
        or exists (
            select 1
            from {{ source('scope', 'touched_dates') }} as touched
            cross join seen
            where
                touched.event_date + {{ after }} >= days.week_date
                and touched.event_date - {{ before }} <= days.week_date + 6
        )
    {%- endif %}
{%- endmacro %}
