package page

// SignIn is the view of the part signin. Without a token it says how to get one.
type SignIn struct{ Token string }
