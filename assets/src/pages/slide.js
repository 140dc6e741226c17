// A slider over the days of the log beside the field of the day: without it the field is a plain day.

const DAY = 86400000;
const days = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY);
const text = (number) => new Date(number * DAY).toISOString().slice(0, 10);

document.querySelectorAll("[data-slide]").forEach((place) => {
  const field = document.getElementById(place.dataset.slide);
  const { first, last, label } = place.dataset;
  if (!field || !first || !last || first === last) return;
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = days(first);
  slider.max = days(last);
  slider.value = field.value ? days(field.value) : slider.max;
  slider.setAttribute("aria-label", label);
  const shown = document.createElement("output");
  const show = () => {
    shown.textContent = text(Number(slider.value));
    slider.setAttribute("aria-valuetext", shown.textContent);
  };
  show();
  const marks = (place.dataset.signed ?? "").split(" ").filter(Boolean);
  if (marks.length) {
    const list = document.createElement("datalist");
    list.id = `${field.id}-signed`;
    marks.forEach((day) => list.append(new Option(day, days(day))));
    slider.setAttribute("list", list.id);
    place.append(list);
  }
  slider.addEventListener("input", show);
  slider.addEventListener("change", () => {
    field.value = text(Number(slider.value));
    field.form.requestSubmit();
  });
  place.prepend(slider, shown);
});
