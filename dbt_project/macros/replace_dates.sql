{#- Incremental strategy `replace_dates`: delete the touched dates, insert them as rebuilt.

    `unique_key` names the column that holds the date (or month) a row is kept under; what is kept
    under a `work_date` is touched by what agents did, too. The dates come from the scope, not from
    the new rows, so a date whose rows all moved away ends empty. With `last_days` they are the days
    up to the run's, for rows that later days go on telling of.
    Delete and insert are one statement list inside the transaction of the model. -#}
{% macro get_incremental_replace_dates_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set column = arg_dict['unique_key'] -%}
    {%- set names = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- if config.get('last_days') -%}
        {%- set touched = 'select ' ~ column ~ ' from ' ~ target ~ ' where '
            ~ is_in_last_days(column, config.get('last_days')) -%}
    {%- elif column == 'dial_month' -%}
        {%- set touched = 'select event_month from ' ~ source('scope', 'touched_months') -%}
    {%- elif column == 'work_date' -%}
        {%- set touched = 'select work_date from ' ~ ref('int_agents__dates_touched') -%}
    {%- else -%}
        {%- set touched = 'select event_date from ' ~ source('scope', 'touched_dates') -%}
    {%- endif -%}
    delete from {{ target }} where {{ column }} in ({{ touched }});
    insert into {{ target }} ({{ names }})
    select {{ names }} from {{ arg_dict['temp_relation'] }};
{%- endmacro %}
