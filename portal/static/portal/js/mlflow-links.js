/* MLflow's client prints links such as /#/experiments/1/runs/abc. What stands behind # never reaches the
   server, so the page that gets such a link sends the browser on, or the sign-in form does after signing in. */
function target(hash) {
  const path = hash.replace(/^#/, "").split("?")[0];
  const run = path.match(/^\/experiments\/\d+\/runs\/([0-9a-f]{32})(?:\/|$)/);
  if (run) return `/runs/${run[1]}`;
  const experiment = path.match(/^\/experiments\/(\d+)(?:\/|$)/);
  if (experiment) return `/experiments/${experiment[1]}`;
  if (path.startsWith("/experiments")) return "/experiments";
  const model = path.match(/^\/(?:models|prompts)\/([^/]+)(?:\/versions\/(\d+))?(?:\/|$)/);
  if (model) return `/models/find?name=${again(model[1])}${model[2] ? `&version=${model[2]}` : ""}`;
  return path.startsWith("/models") ? "/models" : null;
}

/* The client sends names as they are; a browser may have encoded them. */
function again(name) {
  try {
    return encodeURIComponent(decodeURIComponent(name));
  } catch {
    return encodeURIComponent(name);
  }
}

function forward() {
  const wanted = target(location.hash);
  if (!wanted) return;
  const form = document.querySelector("form[data-sign-in]");
  if (!form) {
    location.replace(wanted);
    return;
  }
  const next = form.elements.namedItem("next") ?? form.appendChild(
    Object.assign(document.createElement("input"), { type: "hidden", name: "next" }),
  );
  next.value = wanted;
}

forward();
addEventListener("hashchange", forward);
