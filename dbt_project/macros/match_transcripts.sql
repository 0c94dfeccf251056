{#- The dial that each transcript belongs to: the same call_id within the tenant.

    Recognisers and diallers are different systems, so source_system does not join. Where several
    dials carry the id, the one of the same system comes first, then of the same day, then the
    longest talk. A dated transcript looks only at dials within a day of it; one without a date
    (its words may still ask for no more calls) looks at all. -#}
{% macro match_transcripts(transcripts, dials) -%}
    with

    candidates as (

        select
            {{ transcripts }}.transcript_id,
            {{ transcripts }}.source_system,
            {{ transcripts }}.dial_date as spoken_date,
            dials.* exclude (source_system),
            dials.source_system as dial_source_system
        from {{ transcripts }}
        inner join {{ dials }} as dials
            on {{ transcripts }}.call_id = dials.call_id
        where
            {{ transcripts }}.dial_date is not null
            {%- if is_incremental() %}
            -- Dials of other dates need not be read at all.
            and dials.dial_date between (
                select min(touched.event_date) - 1
                from {{ source('scope', 'touched_dates') }} as touched
            ) and (
                select max(touched.event_date) + 1
                from {{ source('scope', 'touched_dates') }} as touched
            )
            {%- endif %}
            and dials.dial_date
            between {{ transcripts }}.dial_date - 1 and {{ transcripts }}.dial_date + 1

        union all

        select
            {{ transcripts }}.transcript_id,
            {{ transcripts }}.source_system,
            {{ transcripts }}.dial_date as spoken_date,
            dials.* exclude (source_system),
            dials.source_system as dial_source_system
        from {{ transcripts }}
        inner join {{ dials }} as dials
            on {{ transcripts }}.call_id = dials.call_id
        where {{ transcripts }}.dial_date is null

    )

    select candidates.*
    from candidates
    qualify
        row_number() over (
            partition by candidates.transcript_id
            order by
                candidates.dial_source_system = candidates.source_system desc,
                candidates.dial_date = candidates.spoken_date desc nulls last,
                candidates.talk_seconds desc nulls last,
                candidates.dial_id
        ) = 1
{%- endmacro %}
