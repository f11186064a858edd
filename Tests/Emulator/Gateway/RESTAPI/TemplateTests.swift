import JSON
import Testing

@testable import Gateway

@Suite struct TemplateTests {
    private let scope = TemplateScope(
        body: #"{"a":{"b":[1,{"c":"x"}]},"t":"it's"}"#, parameters: ["querystring": ["q": "1"]],
        context: ["stage": "prod", "error": ["messageString": "\"m\""]], stageVariables: ["v": "w"])

    @Test(arguments: [
        ("plain", "plain"), ("$context.stage", "prod"), ("${context.stage}s", "prods"),
        ("$!context.no.", "."),
        ("$stageVariables.v-$stageVariables['v']", "w-w"), ("$nothing $!nothing.", "$nothing ."),
        ("$ # 5$", "$ # 5$"),
        (#"{"message":$context.error.messageString}"#, #"{"message":"m"}"#),
        ("$input.path('$.a.b[1].c')", "x"), ("$input.json('$.a.b')", #"[1,{"c":"x"}]"#),
        ("$input.path('$.a.b').size()", "2"), ("$input.path('$.a').b[0]", "1"),
        ("$input.json('$.none')", "\"\""),
        ("#set($x = $input.path('$.a'))$x.b.get(1).c", "x"), ("#set($x = 'a''b')$x", "a'b"),
        ("#set($x = {'k': [1, 2], 'm': true})$x.k[1] $x.m $x.keySet()", #"2 true ["k","m"]"#),
        ("#foreach($e in {'a': 1, 'b': 2})$e;#end", "1;2;"),
        ("#foreach($e in [3..1])$velocityCount$e #end", "13 22 31 "),
        ("#foreach($e in [1..9])#if($e == 3)#break#end$e#end!", "12!"), ("a#stop b", "a"),
        ("#if($input.params('q') == \"1\")yes#end", "yes"), ("#if($nothing)a#{else}b#end", "b"),
        ("#if(1 == 1.0 && 'a' != 'b')y#end", "y"), ("#if(!($context.stage == 'dev') and 2 gt 1)y#end", "y"),
        ("#set($n = 7 / 2)$n #set($n = 7 % 4)$n #set($n = 2 * 3 - 1)$n", "3 3 5"),
        ("#set($s = 'a' + 1)$s", "a1"), ("a\n#if(true)\nb\n#end\nc", "a\nb\nc"),
        ("$util.escapeJavaScript($input.path('$.t'))", #"it\'s"#), ("\\$context.stage", "$context.stage"),
        ("#set($l = [])#set($z = $l.add(5))$l", "[5]"),
        ("#set($m = {})#set($z = $m.put('k', 'v'))$m", "{k=v}"),
        ("\"$context.stage\"", "\"prod\""), ("#set($x = \"s-$context.stage\")$x", "s-prod"),
        ("#set($x = 's-$context.stage')$x", "s-$context.stage"), ("$x.y.z $!x.y", "$x.y.z "),
        ("#set($context.responseOverride.status = 400)done", "done"),
    ])
    func rendersAsVelocityDoes(_ source: String, _ text: String) throws {
        #expect(try Template(source).render(scope).text == text)
    }

    @Test func handsOutWhatIsSetInTheContext() throws {
        let output = try Template("#set($context.responseOverride.header.X = 'y')").render(scope)
        #expect(output.context["responseOverride"]?["header"]?["X"] == "y")
        #expect(output.context["stage"] == "prod")
    }

    @Test(arguments: [
        "#if(true)", "#end", "#foreach($a in [1])", "#set($a)", "#set(a = 1)", "#if()x#end", "${a",
        "#set($a = 'x)",
        "#set($a = [1, 2)", "#else", "#foreach(1 in $a)#end",
    ])
    func refusesWhatIsNoTemplate(_ source: String) {
        #expect(throws: TemplateError.self) { try Template(source) }
    }

    @Test func aMistakeNamesItsLine() {
        #expect { try Template("a\nb\n#if(true)\nc") } throws: { ($0 as? TemplateError)?.line == 4 }
    }

    @Test func aLoopEndsAfterAThousandTurns() throws {
        let list = JSONValue.array([JSONValue](repeating: 1, count: 5_000)).encodedString()
        let output = try Template("#foreach($i in $input.path('$'))x#end").render(TemplateScope(body: list))
        #expect(output.text.count == 1_000)
    }

    @Test func nestedLoopsWithoutOutputEnd() throws {
        let list = JSONValue.array([JSONValue](repeating: 1, count: 1_000)).encodedString()
        let open = "abcd".map { "#foreach($\($0) in $input.path('$'))" }.joined()
        let output = try Template("#set($n = 0)\(open)#set($n = $n + 1)#end#end#end#end never")
            .render(TemplateScope(body: list))
        #expect(output.text.isEmpty)
    }

    @Test(arguments: [
        ("-9223372036854775808", "1"), ("9223372036854775807", "-9223372036854775808"), ("0", "1001"),
    ])
    func aRangeThatIsTooLongIsEmpty(_ first: String, _ last: String) throws {
        let template = try Template("#foreach($i in [$input.path('$.a')..$input.path('$.b')])x#end.")
        #expect(template.render(TemplateScope(body: "{\"a\":\(first),\"b\":\(last)}")).text == ".")
    }
}

@Suite struct JSONPathTests {
    private let document: JSONValue = [
        "a": ["b": [1, 2, ["c": "x"]]], "d e": 5, "list": [["n": 1], ["n": 2]],
    ]

    @Test(arguments: [
        ("$.a.b[0]", "1"), ("$.a.b[-1].c", #""x""#), ("$['d e']", "5"), ("$.list[*].n", "[1,2]"),
        ("$..n", "[1,2]"),
        ("$.a.b[2]['c']", #""x""#), ("$.a.*", "[[1,2,{\"c\":\"x\"}]]"),
    ])
    func leadsToAValue(_ path: String, _ value: String) throws {
        #expect(try #require(JSONPath(path)).first(in: document)?.encodedString() == value)
    }

    @Test(arguments: ["$.none", "$.a.b[9]", "$.a.x.y"])
    func leadsToNothing(_ path: String) throws {
        #expect(try #require(JSONPath(path)).first(in: document) == nil)
    }

    @Test(arguments: ["a", "", "$a", "$.", "$[", "$['a'", "$[x]"])
    func refusesWhatIsNoPath(_ path: String) {
        #expect(JSONPath(path) == nil)
    }
}
