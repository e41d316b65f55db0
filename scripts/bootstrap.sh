#!/usr/bin/env bash
# Makes everything the programs need: system packages, the Python environment, the front end's assets.
#   scripts/bootstrap.sh          what the service needs
#   scripts/bootstrap.sh --dev    what the checks need as well (Chromium, poppler to read the PDFs, linters, test libraries)
# A second run finds everything in place and takes about a second.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dev=0
for argument in "$@"; do
  case "$argument" in
    --dev) dev=1 ;;
    *) echo "bootstrap.sh: 不认识的参数 $argument（unknown option）" >&2; exit 2 ;;
  esac
done

say() { printf '%s\n' "$*" >&2; }

# Two starts in one checkout take turns.
mkdir -p var
exec 9>var/bootstrap.lock
flock 9

# --- system packages: looked for by what they give, so that other distributions' packages count too ---
missing=()
python=""
for candidate in python3 python3.13 python3.12 python3.11; do
  if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || missing+=(python3)
[ -n "$python" ] && "$python" -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
has_postgis() {
  local control
  for control in /usr/share/postgresql/*/extension/postgis.control /usr/pgsql-*/share/extension/postgis.control; do
    [ -e "$control" ] && return 0
  done
  command -v pg_config >/dev/null && [ -e "$(pg_config --sharedir)/extension/postgis.control" ]
}
# A PostGIS of the user's own makes the private one needless, except for the checks, which always use one.
if [ -z "${GIS_SERVICE_DATABASE_URL:-}" ] || [ "$dev" = 1 ]; then
  has_postgis || missing+=(postgresql postgresql-postgis)
fi
if ! command -v npm >/dev/null; then missing+=(nodejs npm); fi
libraries="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)"
case "$libraries" in *libpangoft2-1.0*) ;; *) missing+=(libpango-1.0-0 libpangoft2-1.0-0) ;; esac
if ! command -v fc-list >/dev/null; then missing+=(fontconfig fonts-noto-cjk); elif [ -z "$(fc-list :lang=zh-cn family)" ]; then missing+=(fonts-noto-cjk); fi
if [ "$dev" = 1 ]; then
  command -v chromium >/dev/null || missing+=(chromium)
  if ! command -v pdftotext >/dev/null || ! command -v pdfinfo >/dev/null; then missing+=(poppler-utils); fi
fi
if [ "${#missing[@]}" -gt 0 ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  line="${as_root[*]:+${as_root[*]} }apt-get install --no-install-recommends ${missing[*]}"
  apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    say "① 安装系统软件包：${missing[*]}"
    "${apt[@]}" update >&2
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2
    [ -n "$python" ] || python=python3
  else
    say "缺少系统软件包：${missing[*]}"
    say "请先运行（install these first）：$line"
    exit 2
  fi
fi

# --- the Python environment, from the lock with hashes ---
lock=requirements.txt
[ "$dev" = 1 ] && lock=requirements-dev.txt
stamp=.venv/installed
# The place counts as well: a copied checkout would otherwise run the code of the one it was copied from.
wanted="$({ pwd; cat requirements.txt "$lock"; } | sha256sum | cut -d' ' -f1)"
all="$({ pwd; cat requirements.txt requirements-dev.txt; } | sha256sum | cut -d' ' -f1)"
have="$(cat "$stamp" 2>/dev/null || true)"
if [ "$have" != "$wanted" ] && [ "$have" != "$all" ]; then
  say "② 建立 Python 环境（$lock）"
  "$python" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" >&2
  # The programs import the package from the checkout, wherever they are started.
  .venv/bin/python -c 'import pathlib, site, sys; pathlib.Path(site.getsitepackages()[0], "gis_service_checkout.pth").write_text(sys.argv[1] + "\n")' "$PWD"
  printf '%s' "$wanted" > "$stamp"
fi

# --- numba's cache does not notice that a kernel called from another module has changed ---
kernels_stamp=.venv/kernels
kernels="$(find gis_service -name '*.py' -exec grep -l njit {} + | sort | xargs cat | sha256sum | cut -d' ' -f1)"
if [ "$(cat "$kernels_stamp" 2>/dev/null || true)" != "$kernels" ]; then
  find gis_service -name '*.nb[ic]' -delete
  printf '%s' "$kernels" > "$kernels_stamp"
fi

# --- the front end's assets, from the locked npm packages ---
assets_stamp=.venv/assets
assets="$(cat package-lock.json scripts/build_assets.py gis_service/web/translations/*/LC_MESSAGES/*.po | sha256sum | cut -d' ' -f1)"
if [ "$(cat "$assets_stamp" 2>/dev/null || true)" != "$assets" ] || [ ! -d gis_service/web/static/vendor ]; then
  say "③ 准备网页资源（package-lock.json）"
  npm ci --silent --no-audit --no-fund --ignore-scripts >&2
  .venv/bin/python scripts/build_assets.py >&2
  printf '%s' "$assets" > "$assets_stamp"
fi
