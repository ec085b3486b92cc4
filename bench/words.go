package main

// The words that orders are made of, as they are between the quotes of JSON: an escape here
// is an escape in the file.

var givenNames = []string{
	"Sunny", "Damodhar", "Priya", "Arjun", "Lakshmi", "Ravi", "Meena", "Karthik",
	"Anita", "Vijay", "Deepa", "Suresh", "Kavya", "Mohan", "Divya", "Ganesh",
	"Emily", "Michael", "Sarah", "David", "Olivia", "James", "Grace", "Daniel",
	"Sofia", "Lucas", "Maria", "Pedro", "Ana", "Carlos", "Elena", "Miguel",
	"Chloe", "Hugo", "Ines", "Louis", "Anna", "Felix", "Lena", "Paul",
	"Yuki", "Kenji", "Mei", "Wei", "Jin", "Min", "Omar", "Layla",
	"Hassan", "Amira", "Kwame", "Ama", "Tunde", "Ngozi", "Ivan", "Olga",
	"Zo\u00eb", "Jos\u00e9", "Ren\u00e9e", "Bj\u00f6rn", "Siobh\u00e1n", "ப்ரியா", "சுந்தர்", "Łukasz",
	`Jos\u00e9`, "Nina", "Rosa", `Robert \"Bob\"`, "Peggy", "O'Brien", "Анна", "美咲",
}

var familyNames = []string{
	"Subramanian", "Iyer", "Patel", "Rao", "Nair", "Menon", "Reddy", "Sharma",
	"Smith", "Johnson", "Lee", "Brown", "Garcia", "Miller", "Davis", "Wilson",
	"Nguyen", "Kim", "Chen", "Wang", "Tanaka", "Sato", "Khan", "Ali",
	"Silva", "Costa", "Rossi", "Weber", "Novak", "Ivanov", "Okafor", "Mensah",
	"N\u00fa\u00f1ez", "Gon\u00e7alves", "D\u00edaz", "O'Connor", `M\u00fcller`, "Smith-Jones", "de la Cruz", "van Dijk",
}

var dishes = []string{
	"Dosa", "Masala Dosa", "Uttapam", "Idli", "Medu Vada", "Sambar Rice",
	"Curd Rice", "Biryani", "Korma", "Paratha", "Filter Coffee", "Masala Chai",
	"Lassi", "Payasam", "Pongal", "Upma", "Bonda", "Samosa", "Thali", "Naan",
}

var styles = []string{
	"", "Cheese Madurai ", "Ghee ", "Mysore ", "Paneer ", "Onion Rava ", "Spicy Chettinad ",
	"Kids ", "Large ", "Gunpowder ", "Coconut ", "Tomato ", "Vegan ", "Chef's ",
	"Pepper ", "Malabar ", "Caf\u00e9 ", "House ", "Saffron ", "Temple ",
}

var notes = []string{
	"extra spicy", "no onions", "mild please", "allergic to nuts", "ring the bell twice",
	"leave at the door", "cutlery for two", "call on arrival", "no cilantro, extra chutney",
	`say \"happy birthday\"`, `back door\nsecond floor`, "muito obrigado \U0001f336", "bitte ohne Zwiebeln, danke sch\u00f6n",
	"gluten free", "two of the dosas without potato", "pick up at 7", "the usual", "knock, do not ring",
	"table by the window", "no plastic cutlery", "sauce on the side", "for a child, not spicy", "paid by card",
	"gate code 4711", "sin cilantro, por favor", "extra sambar",
}

// The area codes of a shop that delivers in a few states.
var areaCodes = []string{
	"732", "908", "201", "609", "848", "862", "973", "551", "212", "646", "718", "917",
	"347", "929", "516", "631", "914", "845", "203", "860", "475", "959", "215", "267",
	"445", "484", "610", "717", "570", "302", "410", "443", "667", "240", "301", "703",
	"571", "804", "757", "540", "617", "857", "508", "774", "978", "351", "413", "401",
	"603", "802", "207", "518", "607", "716", "585", "315", "680", "838", "934", "332",
	"640", "272", "878", "223",
}
