import Bytes
import Testing

@Suite struct IPRangeTests {
    @Test(arguments: [
        ("203.0.113.0/24", "203.0.113.77", true), ("203.0.113.0/24", "203.0.114.1", false),
        ("203.0.113.5", "203.0.113.5", true), ("203.0.113.5", "203.0.113.6", false),
        ("0.0.0.0/0", "1.2.3.4", true), ("10.0.0.0/7", "11.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("10.1.2.3/31", "10.1.2.2", true), ("10.1.2.3/31", "10.1.2.4", false),
        ("2001:db8::/32", "2001:db8:1::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("::1", "::1", true), ("::/0", "::1", true), ("::/0", "127.0.0.1", false),
        ("127.0.0.0/8", "::ffff:127.0.0.1", true), ("2001:db8::1/128", "2001:DB8:0:0:0:0:0:1", true),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221", true),
        ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("::ffff:10.0.0.0/104", "11.0.0.1", false),
        ("::ffff:0:0/96", "1.2.3.4", true), ("::ffff:10.0.0.1", "10.0.0.1", true),
    ])
    func addresses(_ range: String, _ address: String, _ isInside: Bool) throws {
        let range = try #require(IPRange(range))
        let address = try #require(IPAddress(address))
        #expect(range.contains(address) == isInside)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/+8",
        "1.2.3.4/-0", "::ffff:10.0.0.0/24", "::ffff:10.0.0.0/129", "1.2.3.+4",
        "a.b.c.d",
        ":", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7", "::/129", "::g",
        "1:2:3:4:5:6:7:8::",
    ])
    func noAddresses(_ text: String) {
        #expect(IPRange(text) == nil)
    }
}
