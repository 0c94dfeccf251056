{#- What makes one version of a row newer than another: exported, then landed, then line.

    `number` names a column of the source's own version number, which comes before all that. -#}
{% macro version_key(version, number=none) -%}
    struct_pack(
        {%- if number %}
        number := {{ version }}.{{ number }},
        {%- endif %}
        extracted_at := coalesce({{ version }}.extracted_at, timestamptz '-infinity'),
        ingested_at := {{ version }}.ingested_at,
        source_line := {{ version }}.source_line,
        row_hash := {{ version }}.row_hash
    )
{%- endmacro %}

{#- Whether no newer version of a row is kept under a date that is not rebuilt now.

    A corrected row may have moved to another date: its old version, met again when the old date
    is rebuilt, must not come back. -#}
{% macro is_newest_anywhere(newest, key, number=none) -%}
    {%- if is_incremental() -%}
        not exists (
            select 1
            from {{ this }} as kept
            where
                kept.{{ key }} = {{ newest }}.{{ key }}
                and not {{ is_touched_date('kept.scope_date') }}
                and {{ version_key('kept', number) }} > {{ version_key(newest, number) }}
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
