{#- Whether a ticket was solved at the first contact; null while nobody can know.

    A repeat is known at once, its absence only when the window is over. Tickets that name no
    customer or no category cannot be seen to repeat. -#}
{% macro first_contact_resolved() -%}
    case
        when survivor_id is null or category is null then null
        when reopened_count > 0 or next_opened_at <= window_ends_at then false
        when window_ends_at > known_until_at then null
        else solved_at is not null
    end
{%- endmacro %}
