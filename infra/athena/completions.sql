-- The backup of completions as a table. One line of JSON per completion, a partition per day; `order` holds the order as it stood.
CREATE EXTERNAL TABLE completions (
  `schema` int,
  order_id string,
  firm_id string,
  service_code string,
  run int,
  revision bigint,
  phase string,
  executions array<struct<run:int,processor:string,subject:string,number:int,status:string,attempts:int,error_code:string,started_at:string,ended_at:string,result:string>>,
  has_all_executions boolean,
  status string,
  orchestration_status string,
  error_code string,
  at string,
  `primary` string,
  correlation_id string,
  `order` string
)
PARTITIONED BY (dt string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://BUCKET/completions/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2026-01-01,NOW',
  'storage.location.template' = 's3://BUCKET/completions/dt=${dt}/'
);
