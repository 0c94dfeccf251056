{#- Probability that a normal variable is at least |z| away from 0, on both sides.

    Hart's rational approximation 5666 (1968) as printed by West, "Better approximations to
    cumulative normal functions" (2005), good to 1e-14; beyond 7.07 a continued fraction. -#}
{% macro two_sided_probability(z) -%}
    {%- set top = [
        0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383,
        112.079291497871, 221.213596169931, 220.206867912376,
    ] -%}
    {%- set bottom = [
        0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461,
        296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752,
    ] -%}
    {%- set x = 'abs((' ~ z ~ ')::double)' -%}
    case
        when {{ x }} < 7.07106781186547
            then 2 * exp(-{{ x }} * {{ x }} / 2) * {{ _horner(x, top) }} / {{ _horner(x, bottom) }}
        -- exp of less is 0 in floats.
        when {{ x }} < 38
            then
                2 * exp(-{{ x }} * {{ x }} / 2) / 2.506628274631
                / ({{ x }} + 1 / ({{ x }} + 2 / ({{ x }} + 3 / ({{ x }} + 4 / ({{ x }} + 0.65)))))
        when {{ x }} >= 38 then 0
    end
{%- endmacro %}

{#- A polynomial, highest power first. -#}
{% macro _horner(x, coefficients) -%}
    {{ '(' * (coefficients | length - 1) }}{{ coefficients[0] }}::double
    {%- for coefficient in coefficients[1:] %} * {{ x }} + {{ coefficient }}::double){% endfor %}
{%- endmacro %}
