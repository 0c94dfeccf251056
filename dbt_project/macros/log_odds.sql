{#- How much more a word belongs to the first of two bodies of text than to the second: the weighted
    log-odds with an informative Dirichlet prior (Monroe, Colaresi, Quinn 2008), in standard errors.

    k are the counts of the word, n those of all words; or k the documents with it and n all
    documents. `prior` is how many words (documents) the prior is worth: it is spread as both bodies
    together are, so that what is rare everywhere needs more to stand out. Null where a word is in
    neither, or in every document of both. -#}
{% macro log_odds_score(k_first, n_first, k_second, n_second, prior) -%}
    {%- set kinds = [k_first, n_first, k_second, n_second, prior] -%}
    ({{ log_odds_change(*kinds) }})
    / sqrt(
        1 / nullif({{ _with_prior(k_first, *kinds) }}, 0)
        + 1 / nullif({{ _with_prior(k_second, *kinds) }}, 0)
    )
{%- endmacro %}

{#- The difference of the log-odds itself. -#}
{% macro log_odds_change(k_first, n_first, k_second, n_second, prior) -%}
    {%- set kinds = [k_first, n_first, k_second, n_second, prior] -%}
    {%- set first = _with_prior(k_first, *kinds) -%}
    {%- set second = _with_prior(k_second, *kinds) -%}
    ln(nullif({{ first }}, 0) / nullif({{ n_first }} + {{ prior }} - {{ first }}, 0))
    - ln(nullif({{ second }}, 0) / nullif({{ n_second }} + {{ prior }} - {{ second }}, 0))
{%- endmacro %}

{% macro _with_prior(k, k_first, n_first, k_second, n_second, prior) -%}
    ({{ k }} + {{ prior }} * ({{ k_first }} + {{ k_second }})::double
    / nullif({{ n_first }} + {{ n_second }}, 0))
{%- endmacro %}

{#- How many times more than by chance alone the shares k of n of several agents differ, at least 1.

    Over the rows that meet a condition (Pearson's chi-square by its degrees of freedom). Calls of
    one agent are alike: the standard error of a comparison of agents grows by its root. -#}
{% macro habit_dispersion(k, n, condition) -%}
    {%- set here = ' filter (where ' ~ condition ~ ')' -%}
    coalesce(
        greatest(
            1,
            (
                {{ exact_sum(
                    'case when ' ~ condition ~ ' then ' ~ k ~ '::double * ' ~ k ~ ' / ' ~ n ~ ' end'
                ) }}::double
                - pow(sum({{ k }}){{ here }}, 2) / sum({{ n }}){{ here }}
            )
            / nullif(
                sum({{ k }}){{ here }}::double / sum({{ n }}){{ here }}
                * (1 - sum({{ k }}){{ here }}::double / sum({{ n }}){{ here }})
                * (count(*){{ here }} - 1),
                0
            )
        ),
        1
    )
{%- endmacro %}
