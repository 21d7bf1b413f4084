using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Callbacks from a real silo to a real receiver.</summary>
public sealed class CallbackTests(CallbackSilo shared) : IClassFixture<CallbackSilo>
{
    private readonly Card card = shared.Card;
    private readonly Receiver receiver = shared.Receiver;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callback_is_signed_and_contains_the_result()
    {
        var (name, key) = await Deploy();
        var secret = await CreateSecret(card, name);
        var id = await card.Call(
            $"/predict/{name}/hello",
            key,
            new StringContent("body"),
            Cancellation,
            ("X-Callback-Url", receiver.UrlOf(name))
        );

        var delivery = (await receiver.ReceivedAt(name, 1)).ShouldHaveSingleItem();

        delivery.IsSignedBy(secret).ShouldBeTrue();
        delivery.IsSignedBy("whsec_" + Convert.ToBase64String(new byte[32])).ShouldBeFalse();
        delivery.Id.ShouldBe($"{id}-1");
        ((string)delivery.Json["type"]!).ShouldBe("call.completed");
        var data = delivery.Json["data"]!;
        ((string)data["id"]!).ShouldBe(id);
        ((string)data["resultUrl"]!).ShouldBe($"{card.Silo.Origin}/calls/{id}/result.json");
        using var document = await card.Send(HttpMethod.Get, $"/calls/{id}/result.json", key, cancellationToken: Cancellation);
        data["result"]!.ToJsonString().ShouldBe(JsonNode.Parse(await document.Content.ReadAsStringAsync(Cancellation))!.ToJsonString());
        // The gateway consumes the header and does not forward it to the pod.
        data["result"]!["body"]!["headers"]!.AsObject().Select(h => h.Key).ShouldNotContain("X-Callback-Url");
        var call = await card.WaitForCall("COMPLETED", id, key, Cancellation);
        var callback = (await Eventually.Get(() => Callback(id), c => c["deliveredAt"] is not null, Cancellation))!;
        ((string)callback["url"]!).ShouldBe(receiver.UrlOf(name));
        call["callback"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Both_valid_secrets_sign_a_callback()
    {
        var (name, key) = await Deploy();
        var old = await CreateSecret(card, name);
        var next = await CreateSecret(card, name);
        await Call(name, key);

        var delivery = (await receiver.ReceivedAt(name, 1))[0];
        delivery.IsSignedBy(old).ShouldBeTrue();
        delivery.IsSignedBy(next).ShouldBeTrue();

        (await Secrets(name)).Count.ShouldBe(2);
        await card.Query(
            "mutation($i: ID!) { revokeWebhookSecret(id: $i) { errors { message } } }",
            new { i = (await Secrets(name))[0] },
            Cancellation
        );
        await Call(name, key);
        var later = (await receiver.ReceivedAt(name, 2))[1];
        later.IsSignedBy(old).ShouldBeFalse();
        later.IsSignedBy(next).ShouldBeTrue();
    }

    [Fact]
    public async Task Failed_delivery_is_retried_after_a_backoff_and_both_deliveries_are_shown()
    {
        var (name, key) = await Deploy();
        await CreateSecret(card, name);
        receiver.RespondAt(
            name,
            context =>
            {
                var isFirst = receiver.ReceivedAt(name).Count == 1;
                context.Response.StatusCode = isFirst ? 500 : 202;
                return context.Response.WriteAsync(isFirst ? "out of order\u001b[31m" : "thanks");
            }
        );
        var id = await Call(name, key);

        var (first, second) = await receiver.ReceivedAt(name, 2) is [var one, var other, ..] ? (one, other) : default;

        (second.Id, second.Body).ShouldBe((first.Id, first.Body));
        (long.Parse(second.Timestamp) - long.Parse(first.Timestamp)).ShouldBeInRange(4, 60);
        var callback = await Eventually.Get(() => Callback(id), c => c["deliveredAt"] is not null, Cancellation);
        callback["nextDeliveryAt"].ShouldBeNull();
        var deliveries = callback["deliveries"]!.AsArray();
        deliveries.Select(d => (int)d!["statusCode"]!).ShouldBe([500, 202]);
        deliveries.Select(d => (string)d!["responseExcerpt"]!).ShouldBe(["out of order\ufffd[31m", "thanks"]);
        deliveries.Select(d => (bool)d!["isManual"]!).ShouldBe([false, false]);
        (await card.WaitForCall("COMPLETED", id, key, Cancellation))["callback"]!["deliveries"]![0]!
            .AsObject()
            .ContainsKey("responseExcerpt")
            .ShouldBeFalse();
    }

    [Fact]
    public async Task Retry_After_delays_the_next_delivery_and_a_user_can_redeliver_immediately()
    {
        var (name, key) = await Deploy();
        await CreateSecret(card, name);
        receiver.RespondAt(name, 429, "", ("Retry-After", "3600"));
        var id = await Call(name, key);
        var waiting = await Eventually.Get(() => Callback(id), c => c["deliveries"]!.AsArray().Count == 1, Cancellation);
        ((DateTimeOffset)waiting["nextDeliveryAt"]! - (DateTimeOffset)waiting["deliveries"]![0]!["startedAt"]!).ShouldBeInRange(
            TimeSpan.FromMinutes(59),
            TimeSpan.FromMinutes(62)
        );
        receiver.RespondAt(name, 204);

        var data = await card.Query(
            "mutation($i: ID!) { redeliverCallback(id: $i) { asyncCall { status callback "
                + "{ deliveredAt nextDeliveryAt deliveries { statusCode isManual } } } errors { code message } } }",
            new { i = id },
            Cancellation
        );

        var callback = data["redeliverCallback"]!["asyncCall"]!["callback"]!;
        callback["deliveredAt"].ShouldNotBeNull();
        callback["nextDeliveryAt"].ShouldBeNull();
        ((bool)callback["deliveries"]![1]!["isManual"]!).ShouldBeTrue();
        receiver.ReceivedAt(name).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Redirect_is_not_followed_and_is_shown_on_the_card()
    {
        var (name, key) = await Deploy();
        await CreateSecret(card, name);
        receiver.RespondAt(name, 301, "", ("Location", receiver.UrlOf(name + "-moved")));

        var id = await Call(name, key);

        var callback = await Eventually.Get(() => Callback(id), c => c["deliveries"]!.AsArray().Count > 0, Cancellation);
        ((string)callback["deliveries"]![0]!["error"]!).ShouldContain("redirect");
        receiver.ReceivedAt(name + "-moved").ShouldBeEmpty();
    }

    [Fact]
    public async Task Slow_receiver_does_not_delay_calls_or_other_receivers()
    {
        var (name, key) = await Deploy();
        await CreateSecret(card, name);
        await using var slow = await Receiver.Start();
        slow.RespondAt("slow", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        for (var i = 0; i < 20; i++)
            await card.WaitForCall("COMPLETED", await Call(name, key, slow.UrlOf("slow")), key, Cancellation);
        (await slow.ReceivedAt("slow", 8)).Count.ShouldBe(8);

        await Call(name, key);

        await receiver.ReceivedAt(name, 1);
        slow.ReceivedAt("slow").Count.ShouldBe(8);
    }

    [Fact]
    public async Task Invalid_callback_URL_is_rejected_before_the_call_is_accepted()
    {
        var (name, key) = await Deploy();
        (await Rejection(name, key, receiver.UrlOf(name))).ShouldBe("WEBHOOK_SECRET_MISSING");
        await CreateSecret(card, name);

        (await Rejection(name, key, "https://10.0.0.1/")).ShouldBe("INVALID_HEADER");
        (await Rejection(name, key, "https://anna:secret@hooks.example.com/")).ShouldBe("INVALID_HEADER");
        (await Rejection(name, key, "hooks.example.com")).ShouldBe("INVALID_HEADER");

        // In a synchronous request the header has no meaning for the gateway and is forwarded to the pod.
        using var sync = await card.Send(
            HttpMethod.Get,
            $"/predict/{name}/x",
            key,
            cancellationToken: Cancellation,
            headers: ("X-Callback-Url", "anything")
        );
        sync.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await sync.Content.ReadAsStringAsync(Cancellation)).ShouldContain("anything");
    }

    [Fact]
    public async Task Impossible_changes_return_user_errors_and_successful_ones_are_events_with_the_actor()
    {
        var (name, key) = await Deploy();
        await CreateSecret(card, name);
        await CreateSecret(card, name);
        var id = await card.Call($"/predict/{name}/x", key, new StringContent("body"), Cancellation);

        (await Error("createWebhookSecret(deployment: $x) { errors { code } }", name, "String!")).ShouldBe("LIMIT_REACHED");
        (await Error("createWebhookSecret(deployment: $x) { errors { code } }", "No such name", "String!")).ShouldBe("NOT_FOUND");
        (await Error("revokeWebhookSecret(id: $x) { errors { code } }", "nonsense")).ShouldBe("NOT_FOUND");
        (await Error("redeliverCallback(id: $x) { errors { code } }", id)).ShouldBe("NO_CALLBACK");
        (await Error("redeliverCallback(id: $x) { errors { code } }", new string('0', 32))).ShouldBe("NOT_FOUND");

        var events = await card.Query(
            "query($n: String!) { deployment(name: $n) { events { kind actor } } }",
            new { n = name },
            Cancellation
        );
        events["deployment"]!["events"]!
            .AsArray()
            .Count(e => (string)e!["kind"]! == "WEBHOOK_SECRET_CREATED" && (string)e["actor"]! == "administrator")
            .ShouldBe(2);
    }

    internal static async Task<string> CreateSecret(Card card, string deployment)
    {
        var data = await card.Query(
            "mutation($d: String!) { createWebhookSecret(deployment: $d) { webhookSecret { id } secret errors { message } } }",
            new { d = deployment },
            Cancellation
        );
        return (string)data["createWebhookSecret"]!["secret"]!;
    }

    /// <summary>Executes a mutation with one argument, and returns the code of its only error.</summary>
    private async Task<string> Error(string mutation, string argument, string type = "ID!")
    {
        var data = await card.Query($"mutation($x: {type}) {{ {mutation} }}", new { x = argument }, Cancellation);
        return (string)data.AsObject().Single().Value!["errors"]!.AsArray().Single()!["code"]!;
    }

    private async Task<(string Name, string Key)> Deploy()
    {
        var name = shared.NewName("callback");
        return (name, await card.Deploy(name, "echo"));
    }

    private Task<string> Call(string name, string key, string? url = null) =>
        card.Call($"/predict/{name}/x", key, new StringContent("body"), Cancellation, ("X-Callback-Url", url ?? receiver.UrlOf(name)));

    private async Task<string> Rejection(string name, string key, string url)
    {
        using var response = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/x",
            key,
            new StringContent(""),
            Cancellation,
            ("X-Async-Request", "true"),
            ("X-Callback-Url", url)
        );
        return await Card.ReadProblem(response, HttpStatusCode.BadRequest, Cancellation);
    }

    private async Task<List<string>> Secrets(string name)
    {
        var data = await card.Query(
            "query($n: String!) { deployment(name: $n) { webhookSecrets { id createdAt createdBy } } }",
            new { n = name },
            Cancellation
        );
        return [.. data["deployment"]!["webhookSecrets"]!.AsArray().Select(s => (string)s!["id"]!)];
    }

    private async Task<JsonNode> Callback(string id) =>
        (
            await card.Query(
                "query($i: ID!) { asyncCall(id: $i) { callback { url deliveredAt nextDeliveryAt abandonedAt "
                    + "deliveries { number startedAt duration statusCode error responseExcerpt isManual } } } }",
                new { i = id },
                Cancellation
            )
        )["asyncCall"]!["callback"]!;
}

/// <summary>Callbacks across a kill of the silo.</summary>
public sealed class CallbackRestartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callback_that_a_kill_interrupted_is_delivered_after_the_restart_and_no_secret_is_stored()
    {
        await using var silo = await SiloProcess.Start(
            Cancellation,
            [.. SiloSetup.AllowLoopback, "--Callbacks:Timeout", "00:00:02", "--Callbacks:QueueTimeout", "00:00:01"]
        );
        using var card = new Card(silo);
        await using var receiver = await Receiver.Start();
        receiver.RespondAt("killed", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        var key = await card.Deploy("killed", "echo");
        var secret = await CallbackTests.CreateSecret(card, "killed");
        var id = await card.Call(
            "/predict/killed/x",
            key,
            new StringContent("body"),
            Cancellation,
            ("X-Callback-Url", receiver.UrlOf("killed"))
        );
        await receiver.ReceivedAt("killed", 1);

        await silo.Kill(Cancellation);
        receiver.RespondAt("killed", 200);
        var before = receiver.ReceivedAt("killed").Count;
        await silo.Run(Cancellation);

        // The request activates the call, which resumes the delivery as soon as no earlier activation can still be working on it. Without a
        // request, the sweep of due work finds the call within a minute.
        await Eventually.Get(
            () => card.WaitForCall("COMPLETED", id, key, Cancellation),
            call => call["callback"]!["deliveredAt"] is not null,
            Cancellation
        );
        var delivery = receiver.ReceivedAt("killed")[before];
        delivery.Id.ShouldBe($"{id}-1");
        delivery.IsSignedBy(secret).ShouldBeTrue();
        await silo.Interrupt(Cancellation);
        silo.Output.ShouldNotContain(secret["whsec_".Length..]);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(silo.Folder, "data")))
            System
                .Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancellation))
                .ShouldNotContain(secret["whsec_".Length..][..30]);
    }
}

/// <summary>Callback URLs on a silo whose settings do not allow callbacks to loopback addresses.</summary>
[Collection<Isolated>]
public sealed class CallbackAddressTests(IsolatedSilo apart)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Loopback_is_rejected_without_the_settings_and_an_invalid_setting_prevents_the_start()
    {
        var (card, name, silo) = (apart.Card, apart.NewName("closed"), apart.Card.Silo);
        var key = await card.Deploy(name, "echo");
        await CallbackTests.CreateSecret(card, name);
        foreach (
            var url in new[]
            {
                "http://127.0.0.1:9/",
                "https://127.0.0.1/",
                "https://2130706433/",
                "https://localhost/",
                "https://[::ffff:127.0.0.1]/",
                "https://169.254.169.254/",
            }
        )
        {
            using var response = await card.Send(
                HttpMethod.Post,
                $"/predict/{name}/x",
                key,
                new StringContent(""),
                Cancellation,
                ("X-Async-Request", "true"),
                ("X-Callback-Url", url)
            );
            (await Card.ReadProblem(response, HttpStatusCode.BadRequest, Cancellation)).ShouldBe("INVALID_HEADER");
        }

        var (exitCode, errors) = await silo.RunToExit(
            Cancellation,
            "--urls",
            "http://localhost:0",
            "--Storage:Path",
            Path.Combine(silo.Folder, "other", "x.db"),
            "--Callbacks:AllowedNetworks:0",
            "10/8",
            "--Callbacks:AllowedHosts:0",
            "a b",
            "--Callbacks:MaxConcurrency",
            "0"
        );
        exitCode.ShouldBe(1);
        errors.ShouldContain("'10/8'");
        errors.ShouldContain("'a b'");
        errors.ShouldContain("MaxConcurrency");
    }
}
