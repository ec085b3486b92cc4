package sqlite

// OpenWatched is Open for tests, which calls watch with each statement that was carried
// out.
var OpenWatched = openWatched
