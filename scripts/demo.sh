#!/usr/bin/env bash
# Everything on a fresh machine: system packages, environment, private PostGIS, a city imported, partitioned, checked, audited and served.
#   scripts/demo.sh [--port 8000] [--no-serve] [--city DIR]
# A second start reuses what is there. Ctrl-C stops what this start has started.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

port=8000
serve=1
city_dir=$PWD/boundaries/demo
usage() {
  cat <<'TEXT'
用法：scripts/demo.sh [--port 端口] [--no-serve] [--city 数据集文件夹]
  --port 8000      网页服务的端口
  --no-serve       只做导入、划分、检查和审核，不启动网页
  --city DIR       用自己的数据集文件夹代替示范城市（格式见 boundaries/README.md）
Usage: scripts/demo.sh [--port PORT] [--no-serve] [--city DIR]
TEXT
}
while [ $# -gt 0 ]; do
  case "$1" in
    --port | --city)
      [ $# -ge 2 ] || { echo "demo.sh: $1 后面缺少一个值" >&2; exit 2; }
      if [ "$1" = --port ]; then port=$2; else city_dir=$2; fi
      shift 2
      ;;
    --no-serve) serve=0; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "demo.sh: 不认识的参数 $1" >&2; usage >&2; exit 2 ;;
  esac
done
case "$port" in *[!0-9]* | "") echo "demo.sh: 端口“$port”不是数字" >&2; exit 2 ;; esac
case "$city_dir" in /*) ;; *) city_dir=$called_from/$city_dir ;; esac
[ -d "$city_dir" ] || { echo "demo.sh: 找不到文件夹 $city_dir" >&2; exit 2; }

if [ -t 2 ]; then bold=$'\033[1m' plain=$'\033[0m'; else bold="" plain=""; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain" >&2; }

say "【1/6】准备环境"
scripts/bootstrap.sh
python=.venv/bin/python

say "【2/6】启动数据库"
database_was="$("$python" scripts/database.py status --json | "$python" -c 'import json, sys; print(json.load(sys.stdin)["state"])')"
stop_database() {
  if [ "$database_was" = stopped ]; then
    "$python" scripts/database.py stop >&2 || true
  fi
}
trap 'stop_database; exit 130' INT TERM
"$python" scripts/database.py start >&2
"$python" scripts/database.py upgrade >&2

say "【3/6】导入 $city_dir"
imported="$("$python" scripts/import_city.py "$city_dir" --json)"
field() { printf '%s' "$imported" | "$python" -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
city="$(field city)"
if [ "$(field buildings)" -gt 0 ]; then
  say "【4/6】划分网格"
  "$python" scripts/partition_grids.py "$city" --unless-current >&2
  if [ "$(field network_edges)" -gt 0 ] && [ "$(field facilities)" -gt 0 ]; then
    say "【5/6】检查 15 分钟步行圈"
    "$python" scripts/check_reachability.py "$city" --unless-current >&2
  else
    say "【5/6】跳过步行检查：数据集没有步行路网（streets）或设施（facilities）"
  fi
  say "【6/6】审核"
  "$python" scripts/audit_city.py "$city" >&2
else
  say "【4–6/6】跳过划分、检查与审核：数据集只有行政层级（没有楼栋或社区边界）"
fi

if [ "$serve" = 0 ]; then
  say "完成。停止数据库：.venv/bin/python scripts/database.py stop"
  trap - INT TERM
  exit 0
fi
say "打开浏览器：http://127.0.0.1:$port/map/$city  （Ctrl-C 停止）"
# --staff: this start serves only the machine it runs on, so the grids of a real city may be shown.
"$python" scripts/serve.py --port "$port" --staff &
server=$!
trap 'kill -INT "$server" 2>/dev/null; wait "$server" 2>/dev/null; stop_database; exit 130' INT TERM
status=0
wait "$server" || status=$?
stop_database
exit "$status"
