using System.Security.Claims;
using DeployCard.Contracts.Access;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Keys;
using DeployCard.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class CallLookupTests : IClassFixture<CallSilo>, ICallerAuthenticator, IDisposable
{
    private const string Token = "administrator-token";

    private readonly CallSilo silo;
    private readonly CallIdIssuer ids = new(new byte[32]);
    private readonly FakeTimeProvider time;
    private readonly KeyUsageTracker uses;
    private readonly CallLookup calls;

    public CallLookupTests(CallSilo silo)
    {
        this.silo = silo;
        time = new(silo.Silos.Clock.GetUtcNow());
        uses = TestGateway.CreateUsageTracker(time);
        var keys = new KeyAuthorizer(silo.Silos.Hasher, silo.Silos.Service<IKeyStore>(), uses, new(), time);
        calls = new(
            silo.Silos.Grains,
            new(time),
            new(name => silo.Silos.Deployment(name.Value).GetRoute(), new(time), time),
            keys,
            this,
            ids,
            time
        );
    }

    public void Dispose() => uses.Dispose();

    ValueTask<ClaimsPrincipal?> ICallerAuthenticator.Authenticate(string? bearerToken, CancellationToken ct) =>
        new(bearerToken == Token ? new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.Name, "Ada")], "token")) : null);

    [Fact]
    public async Task Key_of_the_deployment_finds_its_call()
    {
        var id = await silo.Accept();

        var found = await calls.Find(Request(silo.Key), id.Value);

        found.Problem.ShouldBeNull();
        found.Call!.Id.ShouldBe(id);
        found.Route!.Route.Deployment.Value.ShouldBe("iris");
    }

    [Fact]
    public async Task Administrator_token_finds_the_call_and_sets_the_user()
    {
        var id = await silo.Accept();
        var request = Request(null);
        request.Headers.Authorization = $"Bearer {Token}";

        (await calls.Find(request, id.Value)).Problem.ShouldBeNull();
        request.HttpContext.User.Identity!.Name.ShouldBe("Ada");
        (await calls.Find(request, ids.Create(time.GetUtcNow()).Value)).Problem!.Code.ShouldBe("CALL_EXPIRED");

        request.Headers.Authorization = "Bearer another";
        request.HttpContext.User = new();
        (await calls.Find(request, id.Value)).Problem!.Code.ShouldBe("KEY_INVALID");
    }

    [Fact]
    public async Task Issued_id_of_a_purged_call_is_expired()
    {
        var id = await silo.Accept(ids.Create(time.GetUtcNow()));
        (await Code(silo.Key, id.Value)).ShouldBeNull();

        await silo.Call(id).Remove(TestContext.Current.CancellationToken);

        (await Code(silo.Key, id.Value)).ShouldBe("CALL_EXPIRED");
    }

    [Fact]
    public async Task Call_due_for_purging_is_expired_even_if_still_stored()
    {
        var id = await silo.Accept();
        await silo.Cancel(id);
        (await Code(silo.Key, id.Value)).ShouldBeNull();

        time.Advance(CallLimits.Default.Retention + TimeSpan.FromMinutes(1));

        (await silo.Call(id).Get()).ShouldNotBeNull();
        (await Code(silo.Key, id.Value)).ShouldBe("CALL_EXPIRED");
    }

    [Theory]
    [InlineData("01a20af39f147c92b69a25a64ccb4a02")]
    [InlineData("no id at all")]
    public async Task Unknown_id_is_not_found(string id) => (await Code(silo.Key, id)).ShouldBe("CALL_NOT_FOUND");

    [Fact]
    public async Task Request_without_a_valid_key_cannot_distinguish_existing_purged_and_unknown_calls()
    {
        var there = await silo.Accept(ids.Create(time.GetUtcNow()));
        string[] all = [there.Value, ids.Create(time.GetUtcNow()).Value, "01a20af39f147c92b69a25a64ccb4a02"];

        foreach (var id in all)
        {
            (await Code(null, id)).ShouldBe("KEY_MISSING");
            (await Code(KeyText.Create(KeyText.KeyPrefix), id)).ShouldBe("KEY_INVALID");
            (await Code("no key at all", id)).ShouldBe("KEY_INVALID");
        }
    }

    private async Task<string?> Code(string? key, string id) => (await calls.Find(Request(key), id)).Problem?.Code;

    private static HttpRequest Request(string? key)
    {
        var request = new DefaultHttpContext().Request;
        if (key is not null)
            request.Headers["X-API-Key"] = key;
        return request;
    }
}
