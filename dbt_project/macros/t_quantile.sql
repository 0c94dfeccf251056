{#- Two-sided 95 % point of Student's t for whole degrees of freedom; null below one.

    The first thirty from the tables (NIST/SEMATECH e-Handbook 1.3.6.7.2), then the first terms of
    Cornish and Fisher's expansion, which are right to 0.0005. -#}
{% macro t_quantile(degrees) -%}
    case
        when {{ degrees }} between 1 and 30
            then ([
                12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
            ])[({{ degrees }})::integer]
        when {{ degrees }} > 30
            then 1.959964 + {{ safe_rate(2.372271, degrees) }}
            + {{ safe_rate(2.822499, degrees ~ ' * ' ~ degrees) }}
    end::double
{%- endmacro %}
