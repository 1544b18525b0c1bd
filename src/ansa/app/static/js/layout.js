// Where each photo of a justified grid is. 100,000 photos take some ten milliseconds.

/** A heading: its place, its text and its kind ("month" or "day"). */

/**
 * Lays out photos in rows of one width. Short days share a row, each below its own heading.
 *
 * @param {number[]} ratios width divided by height of each photo
 * @param {{label: string, month: string, key: string, count: number}[]} sections in their order; may be empty
 * @param {number} width of the grid in pixels
 * @param {number} target the height of a row in pixels, more or less
 * @param {number} gap between photos in pixels
 */
export function layOut(ratios, sections, width, target, gap) {
  const total = ratios.length;
  const x = new Float32Array(total), w = new Float32Array(total);
  const rowTop = [], rowHeight = [], rowFirst = [];
  const headings = [], months = [];
  let top = 0, item = 0, month = null;
  const dayHeight = 34, monthHeight = 52, dayGap = 14, monthGap = 36;

  function row(first, last, left, height, scaleTo) {
    // Photos first..last-1 from `left` on; `scaleTo` is the width they must fill, or 0.
    let sum = 0;
    for (let i = first; i < last; i += 1) sum += ratios[i];
    const gaps = (last - first - 1) * gap;
    const high = scaleTo ? (scaleTo - gaps) / sum : height;
    let at = left;
    for (let i = first; i < last; i += 1) {
      x[i] = at;
      w[i] = ratios[i] * high;
      at += w[i] + gap;
    }
    return high;
  }

  /** The heading of a day, where it has a text; says whether it has. */
  function pushDay({ label }, left, wide) {
    if (label) headings.push({ top, left, width: Math.max(40, wide), text: label, kind: "day" });
    return Boolean(label);
  }

  function pushRow(first, high) {
    rowTop.push(top);
    rowHeight.push(high);
    rowFirst.push(first);
    top += high + gap;
  }

  function rowsOf(first, end) {
    // The rows of one long section; the last one keeps the target's height if it is not full.
    let start = first, sum = 0;
    for (let i = first; i < end; i += 1) {
      sum += ratios[i];
      const natural = sum * target + (i - start) * gap;
      if (natural >= width) {
        // With or without this photo, whichever is nearer to the target's height.
        const withIt = (width - (i - start) * gap) / sum;
        const without = i > start ? (width - (i - start - 1) * gap) / (sum - ratios[i]) : Infinity;
        if (i > start && without - target < target - withIt) {
          pushRow(start, row(start, i, 0, target, width));
          start = i;
          sum = ratios[i];
          if (sum * target >= width) {
            pushRow(start, row(start, i + 1, 0, target, width));
            start = i + 1;
            sum = 0;
          }
        } else {
          pushRow(start, row(start, i + 1, 0, target, width));
          start = i + 1;
          sum = 0;
        }
      }
    }
    if (start < end) pushRow(start, row(start, end, 0, target, sum * target > width * 0.9 ? width : 0));
  }

  if (!sections.length) {
    rowsOf(0, total);
    return { x, w, rowTop, rowHeight, rowFirst, headings, months, height: top, total };
  }
  const natural = (section, first) => {
    let sum = 0;
    for (let i = first; i < first + section.count; i += 1) sum += ratios[i];
    return sum * target + (section.count - 1) * gap;
  };
  const wholeMonth = (from, first) => {
    // The days of one month: how many, how wide beside each other; Infinity if one is long.
    let wide = 0, days = 0;
    for (; from + days < sections.length && sections[from + days].month === sections[from].month; days += 1) {
      wide += natural(sections[from + days], first) + (days ? dayGap : 0);
      if (wide > width) return { wide: Infinity, days, end: first };
      first += sections[from + days].count;
    }
    return { wide, days, end: first };
  };
  for (let s = 0; s < sections.length;) {
    const section = sections[s];
    if (section.month !== month) {
      month = section.month;
      if (top) top += 22;
      // Short months are beside each other, too.
      let left = 0, next = s, first = item;
      const beside = [];
      for (; next < sections.length;) {
        const found = wholeMonth(next, first);
        const wide = Math.max(found.wide, 190);
        if (left + wide > width) break;
        beside.push({ next, days: found.days, first, left });
        left += wide + monthGap;
        next += found.days;
        first = found.end;
      }
      if (beside.length > 1) {
        for (const each of beside) {
          headings.push({ top, left: each.left, width: width - each.left, text: sections[each.next].month, kind: "month" });
          months.push({ top, text: sections[each.next].month, key: sections[each.next].key, item: each.first });
        }
        top += monthHeight;
        let named = false;
        for (const each of beside) {
          let at = each.left, photo = each.first;
          for (let day = each.next; day < each.next + each.days; day += 1) {
            const end = photo + sections[day].count;
            row(photo, end, at, target, 0);
            const wide = x[end - 1] + w[end - 1] - at;
            named = pushDay(sections[day], at, wide) || named;
            at += wide + dayGap;
            photo = end;
          }
        }
        if (named) top += dayHeight;
        pushRow(item, target);
        top += 10;
        s = next;
        item = first;
        month = sections[s - 1].month;
        continue;
      }
      headings.push({ top, left: 0, width, text: section.month, kind: "month" });
      months.push({ top, text: month, key: section.key, item });
      top += monthHeight;
    }
    // As many short days as fit beside each other.
    const shared = [];
    let used = 0, first = item;
    while (s + shared.length < sections.length) {
      const next = sections[s + shared.length];
      if (next.month !== month || next.count > 24) break;
      const wide = natural(next, first);
      // A line may be a little too full, which makes it lower, rather than half empty.
      if (used + wide > width && !(used < width * 0.8 && used + wide < width * 1.22)) break;
      shared.push({ section: next, first, wide });
      used += wide + dayGap;
      first += next.count;
    }
    if (!shared.length) {
      if (pushDay(section, 0, width)) top += dayHeight;
      rowsOf(item, item + section.count);
      item += section.count;
      s += 1;
    } else {
      let left = 0;
      // A nearly full line of days is fitted to the grid's width.
      const full = used - dayGap > width * 0.8;
      let ratioSum = 0, photos = 0;
      for (const each of shared) {
        for (let i = each.first; i < each.first + each.section.count; i += 1) ratioSum += ratios[i];
        photos += each.section.count;
      }
      const fixed = (photos - shared.length) * gap + (shared.length - 1) * dayGap;
      const high = full ? (width - fixed) / ratioSum : target;
      const start = item;
      let named = false;
      for (const each of shared) {
        const end = each.first + each.section.count;
        row(each.first, end, left, high, 0);
        const wide = x[end - 1] + w[end - 1] - left;
        named = pushDay(each.section, left, wide) || named;
        left += wide + dayGap;
      }
      if (named) top += dayHeight;
      pushRow(start, high);
      item = first;
      s += shared.length;
    }
    top += 10;
  }
  return { x, w, rowTop, rowHeight, rowFirst, headings, months, height: top, total };
}

/** The index of the last number in an ascending list that is not greater; 0 if all are. */
export function lastUpTo(list, value, read = (each) => each) {
  let low = 0, high = list.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (read(list[middle]) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
