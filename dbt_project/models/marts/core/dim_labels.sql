-- Grain: one row per (dimension, code).
{{ config(materialized='table', tags=['marts']) }}
with

company_labels as (

    select * from {{ source('scope', 'labels') }}

),

product_labels as (

    select * from {{ ref('int_labels__product_named') }}

),

channels as (

    select * from {{ ref('dim_channels_history') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns_history') }}

),

products as (

    select * from {{ ref('dim_products_history') }}

),

teams as (

    select * from {{ ref('dim_teams_history') }}

),

-- Nearest to the company first: what it has set, what its systems say, what we say.
told as (

    select
        *,
        'company' as source,
        1 as place
    from company_labels

    union all

    {{ names_of('channels', 'channel', 'channel_id') }}

    union all

    {{ names_of('campaigns', 'campaign', 'campaign_id') }}

    union all

    {{ names_of('products', 'product', 'product_id') }}

    union all

    {{ names_of('teams', 'team', 'team_id') }}

    union all

    select
        *,
        'product' as source,
        3 as place
    from product_labels

)

select
    dimension,
    code,
    label_zh,
    label_en,
    source
from told
qualify
    row_number() over (partition by dimension, code order by place, source) = 1
