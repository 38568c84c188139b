// 证件类型 follows 地区: select[data-kinds="id of the region's select"] keeps only the chosen region's group. Without scripts all groups are listed.

for (const select of document.querySelectorAll("select[data-kinds]")) {
  const region = document.getElementById(select.dataset.kinds);
  if (!region) continue;
  const groups = [...select.querySelectorAll("optgroup")];
  const follow = () => {
    const chosen = select.value;
    const group = groups.find((g) => g.dataset.region === region.value);
    if (!group) return;
    select.replaceChildren(...group.children.length ? [...group.children].map((option) => option.cloneNode(true)) : groups);
    if ([...select.options].some((option) => option.value === chosen)) select.value = chosen;
    else select.selectedIndex = 0;
  };
  region.addEventListener("change", follow);
  follow();
}
