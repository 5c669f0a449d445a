// What jsdom lacks and the components need.
export {}
