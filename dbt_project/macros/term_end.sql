{#- First day on which a term brings nothing any more; null where it has no end.

    A renewed term lasts until the next begins, one that may still be renewed until that is known;
    what was cancelled early ended then. -#}
{% macro term_end() -%}
    case
        when status = 'open_ended' then cancelled_on
        when status = 'renewed_on_time' then due_on
        when status = 'renewed_in_grace' then renewed_on
        when status = 'in_grace' then grace_ends_date
        else least(
            due_on,
            coalesce(cancelled_on, due_on)
        )
    end
{%- endmacro %}
