using System.Net;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Callbacks of a real silo to a real receiver.</summary>
public sealed class CallbackTests(CallbackSilo shared) : IClassFixture<CallbackSilo>
{
    private readonly Card card = shared.Card;
    private readonly Receiver receiver = shared.Receiver;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_of_a_call_is_told_signed_and_with_its_result()
    {
        var (name, key) = await Deploy();
        var secret = await CreateSecret(card, name);
        var id = await card.Call(
            $"/predict/{name}/hello",
            key,
            new StringContent("body"),
            Cancellation,
            ("X-Callback-Url", receiver.At(name))
        );

        var told = (await receiver.To(name, 1)).ShouldHaveSingleItem();

        told.IsSignedBy(secret).ShouldBeTrue();
        told.IsSignedBy("whsec_" + Convert.ToBase64String(new byte[32])).ShouldBeFalse();
        told.Id.ShouldBe($"{id}-1");
        ((string)told.Json["type"]!).ShouldBe("call.completed");
        var data = told.Json["data"]!;
        ((string)data["id"]!).ShouldBe(id);
        ((string)data["resultUrl"]!).ShouldBe($"{card.Silo.Origin}/calls/{id}/result.json");
        using var document = await card.Send(HttpMethod.Get, $"/calls/{id}/result.json", key, cancellationToken: Cancellation);
        data["result"]!.ToJsonString().ShouldBe(JsonNode.Parse(await document.Content.ReadAsStringAsync(Cancellation))!.ToJsonString());
        // What the gateway takes for itself does not go on to the pod.
        data["result"]!["body"]!["headers"]!.AsObject().Select(h => h.Key).ShouldNotContain("X-Callback-Url");
        var call = await card.CallWith("COMPLETED", id, key, Cancellation);
        var callback = (await Eventually.Get(() => Callback(id), c => c["deliveredAt"] is not null, Cancellation))!;
        ((string)callback["url"]!).ShouldBe(receiver.At(name));
        call["callback"].ShouldNotBeNull();
    }

    [Fact]
    public async Task While_two_secrets_are_valid_both_sign()
    {
        var (name, key) = await Deploy();
        var old = await CreateSecret(card, name);
        var next = await CreateSecret(card, name);
        await Call(name, key);

        var told = (await receiver.To(name, 1))[0];
        told.IsSignedBy(old).ShouldBeTrue();
        told.IsSignedBy(next).ShouldBeTrue();

        (await Secrets(name)).Count.ShouldBe(2);
        await card.Query(
            "mutation($i: ID!) { revokeWebhookSecret(id: $i) { errors { message } } }",
            new { i = (await Secrets(name))[0] },
            Cancellation
        );
        await Call(name, key);
        var later = (await receiver.To(name, 2))[1];
        later.IsSignedBy(old).ShouldBeFalse();
        later.IsSignedBy(next).ShouldBeTrue();
    }

    [Fact]
    public async Task A_receiver_that_fails_gets_it_again_after_a_pause_and_the_log_tells_both()
    {
        var (name, key) = await Deploy();
        await CreateSecret(card, name);
        receiver.Answer(
            name,
            context =>
            {
                var isFirst = receiver.To(name).Count == 1;
                context.Response.StatusCode = isFirst ? 500 : 202;
                return context.Response.WriteAsync(isFirst ? "out of order\u001b[31m" : "thanks");
            }
        );
        var id = await Call(name, key);

        var (first, second) = await receiver.To(name, 2) is [var one, var other, ..] ? (one, other) : default;

        (second.Id, second.Body).ShouldBe((first.Id, first.Body));
        (long.Parse(second.Timestamp) - long.Parse(first.Timestamp)).ShouldBeInRange(4, 60);
        var callback = await Eventually.Get(() => Callback(id), c => c["deliveredAt"] is not null, Cancellation);
        callback["nextDeliveryAt"].ShouldBeNull();
        var deliveries = callback["deliveries"]!.AsArray();
        deliveries.Select(d => (int)d!["statusCode"]!).ShouldBe([500, 202]);
        deliveries.Select(d => (string)d!["responseExcerpt"]!).ShouldBe(["out of order\ufffd[31m", "thanks"]);
        deliveries.Select(d => (bool)d!["isManual"]!).ShouldBe([false, false]);
        (await card.CallWith("COMPLETED", id, key, Cancellation))["callback"]!["deliveries"]![0]!
            .AsObject()
            .ContainsKey("responseExcerpt")
            .ShouldBeFalse();
    }

    [Fact]
    public async Task An_overloaded_receiver_is_left_alone_and_a_person_can_send_it_at_once()
    {
        var (name, key) = await Deploy();
        await CreateSecret(card, name);
        receiver.Answer(name, 429, "", ("Retry-After", "3600"));
        var id = await Call(name, key);
        var waiting = await Eventually.Get(() => Callback(id), c => c["deliveries"]!.AsArray().Count == 1, Cancellation);
        ((DateTimeOffset)waiting["nextDeliveryAt"]! - (DateTimeOffset)waiting["deliveries"]![0]!["startedAt"]!).ShouldBeInRange(
            TimeSpan.FromMinutes(59),
            TimeSpan.FromMinutes(62)
        );
        receiver.Answer(name, 204);

        var data = await card.Query(
            "mutation($i: ID!) { redeliverCallback(id: $i) { asyncCall { status callback { deliveredAt nextDeliveryAt deliveries { statusCode isManual } } } errors { code message } } }",
            new { i = id },
            Cancellation
        );

        var callback = data["redeliverCallback"]!["asyncCall"]!["callback"]!;
        callback["deliveredAt"].ShouldNotBeNull();
        callback["nextDeliveryAt"].ShouldBeNull();
        ((bool)callback["deliveries"]![1]!["isManual"]!).ShouldBeTrue();
        receiver.To(name).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_told_on_the_card()
    {
        var (name, key) = await Deploy();
        await CreateSecret(card, name);
        receiver.Answer(name, 301, "", ("Location", receiver.At(name + "-moved")));

        var id = await Call(name, key);

        var callback = await Eventually.Get(() => Callback(id), c => c["deliveries"]!.AsArray().Count > 0, Cancellation);
        ((string)callback["deliveries"]![0]!["error"]!).ShouldContain("redirect");
        receiver.To(name + "-moved").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_receiver_that_is_slow_holds_up_no_call_and_no_other_receiver()
    {
        var (name, key) = await Deploy();
        await CreateSecret(card, name);
        await using var slow = await Receiver.Start();
        slow.Answer("slow", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        for (var i = 0; i < 20; i++)
            await card.CallWith("COMPLETED", await Call(name, key, slow.At("slow")), key, Cancellation);
        (await slow.To("slow", 8)).Count.ShouldBe(8);

        await Call(name, key);

        await receiver.To(name, 1);
        slow.To("slow").Count.ShouldBe(8);
    }

    [Fact]
    public async Task What_is_wrong_with_an_address_is_told_before_anything_is_accepted()
    {
        var (name, key) = await Deploy();
        (await Refused(name, key, receiver.At(name))).ShouldBe("WEBHOOK_SECRET_MISSING");
        await CreateSecret(card, name);

        (await Refused(name, key, "https://10.0.0.1/")).ShouldBe("INVALID_HEADER");
        (await Refused(name, key, "https://anna:secret@hooks.example.com/")).ShouldBe("INVALID_HEADER");
        (await Refused(name, key, "hooks.example.com")).ShouldBe("INVALID_HEADER");

        // A synchronous request is none of ours: the field is the pod's.
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
    public async Task What_cannot_be_done_is_told_as_a_users_error_and_who_did_what_as_an_event()
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

    /// <summary>The code of the one error that a mutation with one argument ends in.</summary>
    private async Task<string> Error(string mutation, string argument, string type = "ID!")
    {
        var data = await card.Query($"mutation($x: {type}) {{ {mutation} }}", new { x = argument }, Cancellation);
        return (string)data.AsObject().Single().Value!["errors"]!.AsArray().Single()!["code"]!;
    }

    private async Task<(string Name, string Key)> Deploy()
    {
        var name = shared.NewName("told");
        return (name, await card.Deploy(name, "echo"));
    }

    private Task<string> Call(string name, string key, string? url = null) =>
        card.Call($"/predict/{name}/x", key, new StringContent("body"), Cancellation, ("X-Callback-Url", url ?? receiver.At(name)));

    private async Task<string> Refused(string name, string key, string url)
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
        return await Card.Problem(response, HttpStatusCode.BadRequest, Cancellation);
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
                "query($i: ID!) { asyncCall(id: $i) { callback { url deliveredAt nextDeliveryAt abandonedAt deliveries { number startedAt duration statusCode error responseExcerpt isManual } } } }",
                new { i = id },
                Cancellation
            )
        )["asyncCall"]!["callback"]!;
}

/// <summary>Callbacks across the end of a silo.</summary>
public sealed class CallbackLifeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_kill_left_untold_is_told_after_the_next_start_and_no_secret_is_stored()
    {
        await using var silo = await SiloProcess.Start(
            Cancellation,
            [.. CallbackSilo.AllowLoopback, "--Callbacks:Timeout", "00:00:02", "--Callbacks:QueueTimeout", "00:00:01"]
        );
        using var card = new Card(silo);
        await using var receiver = await Receiver.Start();
        receiver.Answer("killed", context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        var key = await card.Deploy("killed", "echo");
        var secret = await CallbackTests.CreateSecret(card, "killed");
        var id = await card.Call(
            "/predict/killed/x",
            key,
            new StringContent("body"),
            Cancellation,
            ("X-Callback-Url", receiver.At("killed"))
        );
        await receiver.To("killed", 1);

        await silo.Kill(Cancellation);
        receiver.Answer("killed", 200);
        var before = receiver.To("killed").Count;
        await silo.Run(Cancellation);

        // Asked for, it looks after itself as soon as nobody can be at work on it any more; else the next look at what is due, within a minute, finds it.
        await Eventually.Get(
            () => card.CallWith("COMPLETED", id, key, Cancellation),
            call => call["callback"]!["deliveredAt"] is not null,
            Cancellation
        );
        var told = receiver.To("killed")[before];
        told.Id.ShouldBe($"{id}-1");
        told.IsSignedBy(secret).ShouldBeTrue();
        await silo.Interrupt(Cancellation);
        silo.Output.ShouldNotContain(secret["whsec_".Length..]);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(silo.Folder, "data")))
            System
                .Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancellation))
                .ShouldNotContain(secret["whsec_".Length..][..30]);
    }
}

/// <summary>Callbacks where no setting lets them reach loopback.</summary>
[Collection<Apart>]
public sealed class CallbackAddressTests(ApartSilo apart)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_the_settings_loopback_is_refused_at_once_by_address_and_a_wrong_setting_stops_the_start()
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
            (await Card.Problem(response, HttpStatusCode.BadRequest, Cancellation)).ShouldBe("INVALID_HEADER");
        }

        var (exitCode, errors) = await silo.RunToEnd(
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
        errors.ShouldContain("AtOnce");
    }
}
