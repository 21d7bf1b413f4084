using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Actions of an administrator on the card, over GraphQL.</summary>
public sealed class CardTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly Card card = shared.Card;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GraphQL_requires_the_token_but_health_checks_and_the_playground_do_not()
    {
        var wrong = card.Silo.Token[..^1] + (card.Silo.Token[^1] == 'A' ? 'B' : 'A');
        (await card.Execute("{ deployments { totalCount } }", null, null, Cancellation)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await card.Execute("{ deployments { totalCount } }", null, wrong, Cancellation)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await card.Execute("{ deployments { totalCount } }", null, card.Silo.Token, Cancellation)).Status.ShouldBe(HttpStatusCode.OK);

        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            using var health = await card.Send(HttpMethod.Get, path, null, cancellationToken: Cancellation);
            health.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }

        using var page = await card.Send(
            HttpMethod.Get,
            "/graphql",
            null,
            cancellationToken: Cancellation,
            headers: ("Accept", "text/html")
        );
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
    }

    [Fact]
    public async Task All_errors_of_a_draft_are_returned_together_with_their_fields()
    {
        var data = await card.Query(
            "mutation($i: CreateDeploymentInput!) { createDeployment(input: $i) { deployment { name } errors { field code message } } }",
            new
            {
                i = new
                {
                    name = "x",
                    image = "echo",
                    title = new string('t', 201),
                    configuration = new
                    {
                        pods = "3-1",
                        gpu = 65,
                        idleTimeout = "PT0S",
                    },
                },
            },
            Cancellation
        );
        var errors = data["createDeployment"]!["errors"]!.AsArray();
        errors
            .Select(e => (string)e!["field"]!)
            .ShouldBe(["title", "configuration.pods", "configuration.gpu", "configuration.idleTimeout"]);
        errors.ShouldAllBe(e => (string)e!["code"]! == "INVALID_INPUT");
        ((string)errors[2]!["message"]!).ShouldBe("configuration.gpu must be 0 to 64; got 65.");
    }

    [Fact]
    public async Task Subscriptions_over_one_WebSocket_follow_status_log_and_calls()
    {
        var name = shared.NewName("watched");
        var key = await card.Deploy(name, "echo");
        await using var socket = await GraphQLSocket.Connect(card.Silo, Cancellation);
        await socket.Subscribe(
            "status",
            $"subscription {{ deploymentChanged(name: \"{name}\") {{ status pods {{ phase }} }} }}",
            Cancellation
        );
        await socket.Subscribe("logs", $"subscription {{ logLines(deployment: \"{name}\") {{ lines {{ text }} }} }}", Cancellation);
        await socket.Subscribe("calls", $"subscription {{ asyncCallChanged(deployment: \"{name}\") {{ id status }} }}", Cancellation);
        await socket.WaitFor("status", d => (string)d["deploymentChanged"]!["status"]! == "IDLE", Cancellation);

        var id = await card.Call($"/predict/{name}/print", key, new StringContent("a line of the model"), Cancellation);

        await socket.WaitFor("status", d => (string)d["deploymentChanged"]!["status"]! == "READY", Cancellation);
        await socket.WaitFor(
            "logs",
            d => d["logLines"]!["lines"]!.AsArray().Any(l => (string)l!["text"]! == "a line of the model"),
            Cancellation
        );
        await socket.WaitFor(
            "calls",
            d => (string)d["asyncCallChanged"]!["id"]! == id && (string)d["asyncCallChanged"]!["status"]! == "COMPLETED",
            Cancellation
        );
    }

    [Fact]
    public async Task Test_request_passes_through_the_gateway_without_a_key()
    {
        var name = shared.NewName("tested");
        await card.Deploy(name, "iris");
        var input = new
        {
            deployment = name,
            path = "/v1/models/iris:predict",
            body = """{"instances":[[6.8,2.8,4.8,1.4],[6.0,3.4,4.5,1.6]]}""",
            headers = new[] { new { name = "Content-Type", value = "application/json" } },
        };
        const string Send =
            "mutation($i: TestRequestInput!) { testRequest(input: $i) "
            + "{ response { statusCode body asyncCallId duration headers { name } } errors { message } } }";

        var response = (await card.Query(Send, new { i = input }, Cancellation))["testRequest"]!["response"]!;
        ((int)response["statusCode"]!).ShouldBe(200);
        ((string)response["body"]!).ShouldBe("""{"predictions":[1,1]}""");

        var later = (
            await card.Query(
                Send,
                new
                {
                    i = new
                    {
                        input.deployment,
                        input.path,
                        input.body,
                        input.headers,
                        isAsync = true,
                    },
                },
                Cancellation
            )
        )["testRequest"]!["response"]!;
        ((int)later["statusCode"]!).ShouldBe(202);
        var id = (string)later["asyncCallId"]!;
        var call = await Eventually.Get(
            async () =>
                (await card.Query("query($id: ID!) { asyncCall(id: $id) { status resultUrl } }", new { id }, Cancellation))["asyncCall"]!,
            c => (string)c["status"]! == "COMPLETED",
            Cancellation
        );
        ((string)call["resultUrl"]!).ShouldEndWith($"/calls/{id}/result.json");

        // A user of the card has the administrator token, but no key of the deployment.
        using var result = await card.Send(
            HttpMethod.Get,
            new Uri((string)call["resultUrl"]!).PathAndQuery,
            null,
            cancellationToken: Cancellation,
            headers: [("Authorization", $"Bearer {card.Silo.Token}")]
        );
        result.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await result.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["body"]!["predictions"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Readme_is_previewed_and_saved_and_a_concurrent_change_is_not_overwritten()
    {
        var name = shared.NewName("described");
        await card.Deploy(name, "iris");
        const string Read = "query($n: String!) { deployment(name: $n) { readme { markdown html version updatedBy } } }";
        var first = (await card.Query(Read, new { n = name }, Cancellation))["deployment"]!["readme"]!;
        ((string)first["markdown"]!).ShouldStartWith("# Iris");

        var preview = await card.Query(
            "query($m: String!) { readmePreview(markdown: $m) }",
            new { m = "| a | b |\n|---|---|\n| ~~1~~ | <script>alert(1)</script> |" },
            Cancellation
        );
        ((string)preview["readmePreview"]!).ShouldContain("<del>1</del>");
        ((string)preview["readmePreview"]!).ShouldNotContain("script");
        (await Save(name, "# Mine", 1))["readme"]!["version"]!.GetValue<int>().ShouldBe(2);

        var conflict = await Save(name, "# Theirs", 1);
        ((string)conflict["errors"]![0]!["code"]!).ShouldBe("VERSION_CONFLICT");
        ((string)(await card.Query(Read, new { n = name }, Cancellation))["deployment"]!["readme"]!["markdown"]!).ShouldBe("# Mine");
    }

    [Fact]
    public async Task Deleted_deployment_keeps_its_readme_and_returns_error_codes_for_deleted_data()
    {
        var name = shared.NewName("deleted");
        var key = await card.Deploy(name, "iris");
        var id = await card.Call($"/predict/{name}/nothing", key, new StringContent(""), Cancellation, ("X-Health-Timeout", "60"));
        await card.Query(
            "mutation($n: String!) { deleteDeployment(name: $n) { deployment { status purgeAt } errors { message } } }",
            new { n = name },
            Cancellation
        );

        var (_, response) = await card.Execute(
            "query($n: String!) { deployment(name: $n) { name status deletedAt purgeAt readme { markdown } "
                + "keys { name } logs { text } asyncCalls { nodes { id } } configuration { pods } } }",
            new { n = name },
            card.Silo.Token,
            Cancellation
        );

        var deployment = response["data"]!["deployment"]!;
        ((string)deployment["status"]!).ShouldBe("DELETED");
        ((string)deployment["readme"]!["markdown"]!).ShouldStartWith("# Iris");
        (DateTimeOffset.Parse((string)deployment["purgeAt"]!) - DateTimeOffset.Parse((string)deployment["deletedAt"]!)).ShouldBe(
            TimeSpan.FromDays(3)
        );
        deployment["keys"].ShouldBeNull();
        response["errors"]!.AsArray().Select(e => (string)e!["extensions"]!["code"]!).ShouldBe(Enumerable.Repeat("DEPLOYMENT_DELETED", 4));
        using var prediction = await card.Send(HttpMethod.Get, $"/predict/{name}/x", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(prediction, HttpStatusCode.Gone, Cancellation)).ShouldBe("DEPLOYMENT_DELETED");
        using var call = await card.Send(HttpMethod.Get, $"/calls/{id}", key, cancellationToken: Cancellation);
        (await Card.ReadProblem(call, HttpStatusCode.Gone, Cancellation)).ShouldBe("DEPLOYMENT_DELETED");
        foreach (var subscription in (string[])["asyncCallChanged", "logLines", "alertsChanged"])
            (await ReadStream($"subscription {{ {subscription}(deployment: \"{name}\") {{ __typename }} }}")).ShouldContain(
                "DEPLOYMENT_DELETED"
            );
    }

    [Fact]
    public async Task Labels_are_set_read_changed_and_find_deployments()
    {
        var (name, team) = (shared.NewName("labeled"), shared.NewName("team"));
        const string Create =
            "mutation($i: CreateDeploymentInput!) { createDeployment(input: $i) { errors { field message } deployment { name } } }";
        const string List =
            "query($f: DeploymentFilterInput) { deployments(filter: $f) { nodes { name configuration { labels { key value } } } } }";
        var labels = new[] { new { key = "team", value = team }, new { key = "example.com/tier", value = "1" } };
        var input = new
        {
            name,
            image = "echo",
            configuration = new { labels },
        };
        (await card.Query(Create, new { i = input }, Cancellation))["createDeployment"]!["errors"]!.AsArray().ShouldBeEmpty();

        var found = (await card.Query(List, new { f = new { labels = new[] { new { key = "team", value = team } } } }, Cancellation))[
            "deployments"
        ]!;
        Names(found).ShouldBe([name]);
        found["nodes"]![0]!["configuration"]!["labels"]!
            .ToJsonString()
            .ShouldBe($$"""[{"key":"example.com/tier","value":"1"},{"key":"team","value":"{{team}}"}]""");

        await card.Query(
            "mutation($n: String!) { updateDeployment(input: {name: $n, configuration: {labels: []}}) { errors { message } } }",
            new { n = name },
            Cancellation
        );
        found = (await card.Query(List, new { f = new { labels = new[] { new { key = "team", value = team } } } }, Cancellation))[
            "deployments"
        ]!;
        Names(found).ShouldBeEmpty();
    }

    [Fact]
    public async Task Definition_of_the_configuration_can_be_read()
    {
        var fields = (
            await card.Query(
                "{ configurationFields { name kind description unit minimum maximum zeroMeaning allowed defaultText } }",
                null,
                Cancellation
            )
        )["configurationFields"]!.AsArray();

        fields.Count.ShouldBe(24);
        var cpu = fields.Single(field => (string)field!["name"]! == "cpu")!;
        ((string)cpu["kind"]!).ShouldBe("NUMBER");
        ((string)cpu["description"]!).ShouldBe("CPU limit of a pod in cores.");
        ((string)cpu["minimum"]!, (string)cpu["maximum"]!, (string)cpu["unit"]!).ShouldBe(("0.01", "1024", "cores"));
        ((string)cpu["zeroMeaning"]!, (string)cpu["defaultText"]!).ShouldBe(("unlimited", "unlimited"));
        ((string)cpu["allowed"]!).ShouldBe("0 (unlimited) or 0.01 to 1,024 cores");
        fields.ShouldAllBe(field => ((string)field!["description"]!).Length > 20);
    }

    [Fact]
    public async Task Deployments_are_listed_in_pages_forward_and_backward()
    {
        var mark = shared.NewName("paged");
        foreach (var letter in "abcde")
            await card.Deploy($"{mark}-{letter}", "echo");
        const string List = """
            query($s: String, $first: Int, $after: String, $last: Int, $before: String) {
              deployments(filter: {search: $s}, first: $first, after: $after, last: $last, before: $before) {
                nodes { name } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }
            """;

        var first = (await card.Query(List, new { s = mark, first = 2 }, Cancellation))["deployments"]!;
        var second = (
            await card.Query(
                List,
                new
                {
                    s = mark,
                    first = 2,
                    after = (string)first["pageInfo"]!["endCursor"]!,
                },
                Cancellation
            )
        )["deployments"]!;
        var back = (
            await card.Query(
                List,
                new
                {
                    s = mark,
                    last = 2,
                    before = (string)second["pageInfo"]!["startCursor"]!,
                },
                Cancellation
            )
        )["deployments"]!;

        Names(first).ShouldBe([$"{mark}-a", $"{mark}-b"]);
        Names(second).ShouldBe([$"{mark}-c", $"{mark}-d"]);
        Names(back).ShouldBe(Names(first));
        ((int)first["totalCount"]!).ShouldBe(5);
        ((bool)second["pageInfo"]!["hasNextPage"]!).ShouldBeTrue();
        ((bool)back["pageInfo"]!["hasPreviousPage"]!).ShouldBeFalse();
    }

    private static IEnumerable<string> Names(JsonNode page) => page["nodes"]!.AsArray().Select(n => (string)n!["name"]!);

    private async Task<JsonNode> Save(string deployment, string markdown, int expectedVersion) =>
        (
            await card.Query(
                "mutation($i: SaveReadmeInput!) { saveReadme(input: $i) { readme { version } errors { code message } } }",
                new
                {
                    i = new
                    {
                        deployment,
                        markdown,
                        expectedVersion,
                    },
                },
                Cancellation
            )
        )["saveReadme"]!;

    /// <summary>Returns all server-sent events of a subscription that ends.</summary>
    private async Task<string> ReadStream(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = JsonContent.Create(new { query }) };
        request.Headers.Authorization = new("Bearer", shared.Card.Silo.Token);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await shared.Card.Http.SendAsync(request, Cancellation);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }
}
