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

if [ "$serve" = 1 ] && (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  echo "demo.sh: 端口 $port 已被占用，请用 --port 换一个" >&2
  exit 2
fi

say "【1/6】准备环境"
scripts/bootstrap.sh
python=.venv/bin/python
read_json() { "$python" -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$1" "$2"; }

say "【2/6】启动数据库"
status="$("$python" scripts/database.py status --json)"
database_was="$(read_json "$status" state)"
server=""
finish() {
  local code=$?
  trap - EXIT INT TERM
  # A program started in the background ignores Ctrl-C, so the server is told in the way it always hears.
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  # What ran before this start goes on running; after --no-serve the database stays for the next program.
  if [ "$database_was" = stopped ] && { [ "$serve" = 1 ] || [ "$code" != 0 ]; }; then
    "$python" scripts/database.py stop >&2 || true
  fi
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM
"$python" scripts/database.py start >&2
"$python" scripts/database.py upgrade >&2

say "【3/6】导入 $city_dir"
replace=()
# The demo city's plans are nobody's work; those of a real city are never thrown away unasked.
[ "$city_dir" != "$PWD/boundaries/demo" ] || replace=(--replace)
"$python" scripts/import_city.py "$city_dir" "${replace[@]}" >&2
imported="$("$python" scripts/import_city.py "$city_dir" --json 2>/dev/null)"
city="$(read_json "$imported" city)"
if [ "$(read_json "$imported" buildings)" -gt 0 ]; then
  say "【4/6】划分网格"
  "$python" scripts/partition_grids.py "$city" --unless-current >&2
  if [ "$(read_json "$imported" network_edges)" -gt 0 ] && [ "$(read_json "$imported" facilities)" -gt 0 ]; then
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
  exit 0
fi
at=http://127.0.0.1:$port
say "几秒钟后打开浏览器（Ctrl-C 停止）："
cat >&2 <<TEXT
  居民查找驿站  $at/find/$city
  地图          $at/map/$city
  规划台        $at/planner/
  审核          $at/audit/$city
TEXT
# The desk asks who is there, and whoever approves a plan is not who drew it: two accounts for looking around, once, for the shipped demo city only.
accounts="$("$python" scripts/accounts.py list --json 2>/dev/null)"
if [ "$city_dir" = "$PWD/boundaries/demo" ] && [ "$(read_json "$accounts" accounts)" = "[]" ]; then
  say "试用账号（只能用于示范城市）"
  "$python" scripts/accounts.py add planner --title 示范规划岗 --role "planner@$city" --role "auditor@$city" >&2
  "$python" scripts/accounts.py add reviewer --title 示范审核岗 --role "reviewer@$city" --role "auditor@$city" >&2
else
  say "规划台和审核需要账号：.venv/bin/python scripts/accounts.py add --help"
fi
# --staff: this start serves only the machine it runs on, so the grids of a real city may be shown.
"$python" scripts/serve.py --port "$port" --staff &
server=$!
wait "$server"
