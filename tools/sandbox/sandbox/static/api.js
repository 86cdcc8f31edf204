// The control API of the sandbox.

async function call(method, path, body) {
  const answer = await fetch(`/sandbox${path}`, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return answer.json();
}

export const api = {
  state: () => call("GET", "/state"),
  messages: (phone) => call("GET", `/messages?phone=${phone}`).then((all) => all.items),
  addParent: (phone, name) => call("POST", "/parents", { phone, name }),
  write: (message) => call("POST", "/messages", message),
  edit: (id, text) => call("POST", `/messages/${encodeURIComponent(id)}/edit`, { text }),
  remove: (id) => call("DELETE", `/messages/${encodeURIComponent(id)}`),
  read: (phone) => call("POST", `/chats/${phone}/read`),
  typing: (phone, state) => call("POST", "/typing", { phone, state }),
  connection: (state) => call("POST", "/connection", { state }),
  faults: () => call("GET", "/faults").then((all) => all.items),
  faultKinds: () => call("GET", "/faults/kinds"),
  addFault: (fault) => call("POST", "/faults", fault),
  clearFaults: () => call("DELETE", "/faults"),
  hooks: () => call("GET", "/webhooks?body=false").then((all) => all.items),
};
