using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Silo.Access;
using DeployCard.Silo.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class KeyCheckTests : IDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly KeyHasher hasher = new(new byte[32]);
    private readonly TestCredential test = new();
    private readonly KnownKeys known = new();
    private readonly KeyUses uses;
    private readonly KeyCheck check;
    private readonly string key = KeyText.New(KeyText.KeyPrefix);

    public KeyCheckTests()
    {
        // It only notes the use here: nothing is written.
        uses = new(null!, new(time), time, NullLogger<KeyUses>.Instance);
        check = new(hasher, known, uses, test, time);
    }

    public void Dispose()
    {
        uses.Dispose();
        hasher.Dispose();
    }

    private GateRoute Route(DateTimeOffset? expiresAt = null) =>
        Routes.Of(1).Opens(new KeyEntry("id", hasher.Hash(key), expiresAt)).Ready();

    private static HttpRequest Request(string? own = null, string? authorization = null)
    {
        var request = new DefaultHttpContext().Request;
        if (own is not null)
            request.Headers["X-API-Key"] = own;
        if (authorization is not null)
            request.Headers.Authorization = authorization;
        return request;
    }

    private async Task<string?> Refusal(HttpRequest request, GateRoute? route = null) =>
        (await check.Check(request, route ?? Route()))?.Code;

    [Fact]
    public async Task A_key_opens_its_deployment_in_either_header()
    {
        (await Refusal(Request(own: key))).ShouldBeNull();
        (await Refusal(Request(own: $" {key} "))).ShouldBeNull();
        (await Refusal(Request(authorization: $"Bearer {key}"))).ShouldBeNull();
        (await Refusal(Request(authorization: $"bearer  {key}"))).ShouldBeNull();
    }

    [Fact]
    public async Task The_header_of_ours_counts_where_both_are_there() =>
        (await Refusal(Request(own: key, authorization: "Bearer for-the-model"))).ShouldBeNull();

    [Fact]
    public async Task Without_a_key_one_is_asked_for()
    {
        (await Refusal(Request())).ShouldBe("KEY_MISSING");
        (await Refusal(Request(authorization: "Basic dXNlcjpwYXNz"))).ShouldBe("KEY_MISSING");
    }

    [Theory]
    [InlineData("")]
    [InlineData("dck_")]
    [InlineData("not a key")]
    public async Task What_is_no_key_opens_nothing(string text) => (await Refusal(Request(own: text))).ShouldBe("KEY_INVALID");

    [Fact]
    public async Task A_mistyped_key_opens_nothing_and_is_not_looked_up()
    {
        (await Refusal(Request(own: key[..^1] + (key[^1] == 'x' ? 'y' : 'x')))).ShouldBe("KEY_INVALID");
        known.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task A_key_that_was_never_made_opens_nothing() =>
        (await Refusal(Request(own: KeyText.New(KeyText.KeyPrefix)))).ShouldBe("KEY_INVALID");

    [Fact]
    public async Task An_administrators_token_is_no_key()
    {
        var token = KeyText.New(KeyText.AdministratorPrefix);

        (await Refusal(Request(authorization: $"Bearer {token}"))).ShouldBe("KEY_INVALID");
    }

    [Fact]
    public async Task A_key_opens_until_the_moment_of_its_expiry()
    {
        var route = Route(expiresAt: time.GetUtcNow().AddSeconds(10));

        time.Advance(TimeSpan.FromSeconds(9));
        (await Refusal(Request(own: key), route)).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(1));
        (await Refusal(Request(own: key), route)).ShouldBe("KEY_INVALID");
    }

    [Fact]
    public async Task A_key_of_another_deployment_is_told_as_such()
    {
        var other = known.Add(hasher, "digits");

        (await Refusal(Request(own: other))).ShouldBe("KEY_FORBIDDEN");
    }

    [Fact]
    public async Task A_revoked_or_expired_key_of_another_deployment_opens_nothing()
    {
        var revoked = known.Add(hasher, "digits", k => k with { RevokedAt = time.GetUtcNow() });
        var expired = known.Add(hasher, "digits", k => k with { ExpiresAt = time.GetUtcNow() });

        (await Refusal(Request(own: revoked))).ShouldBe("KEY_INVALID");
        (await Refusal(Request(own: expired))).ShouldBe("KEY_INVALID");
        (await check.CheckAny(Request(own: revoked))).ShouldBe(GatewayProblem.KeyUnknown);
        (await check.CheckAny(Request(own: expired))).ShouldBe(GatewayProblem.KeyUnknown);
    }

    [Fact]
    public async Task A_key_of_this_deployment_that_its_route_has_no_more_opens_nothing()
    {
        var revokedJustNow = known.Add(hasher, Routes.Iris.Value);

        (await Refusal(Request(own: revokedJustNow))).ShouldBe("KEY_INVALID");
    }

    [Fact]
    public async Task A_good_key_of_any_deployment_is_known()
    {
        (await check.CheckAny(Request(own: known.Add(hasher, "digits")))).ShouldBeNull();
        (await check.CheckAny(Request(own: key))).ShouldBe(GatewayProblem.KeyUnknown);
        (await check.CheckAny(Request())).ShouldBe(GatewayProblem.KeyMissing);
    }

    [Fact]
    public async Task The_api_tests_credential_opens_every_deployment_and_that_of_another_process_none()
    {
        (await Refusal(Request(own: test.Text))).ShouldBeNull();
        (await Refusal(Request(own: new TestCredential().Text))).ShouldBe("KEY_INVALID");
    }

    [Theory]
    [InlineData("Bearer dck_secret", true)]
    [InlineData("bearer   dck_secret", true)]
    [InlineData("Bearer dca_secret", true)]
    [InlineData("Bearer dct_secret", true)]
    [InlineData("Bearer for-the-model", false)]
    [InlineData("Basic dXNlcjpwYXNz", false)]
    [InlineData("", false)]
    public void Secrets_of_ours_never_go_on_and_those_of_the_model_do(string authorization, bool isOurs)
    {
        var request = Request(own: "dck_secret", authorization: authorization);

        KeyCheck.Withdraw(request.Headers);

        request.Headers.ContainsKey("X-API-Key").ShouldBeFalse();
        request.Headers.Authorization.ToString().ShouldBe(isOurs ? "" : authorization);
    }

    [Fact]
    public void A_secret_of_ours_beside_another_one_does_not_go_on()
    {
        var request = Request();
        request.Headers.Authorization = new(["Bearer for-the-model", "Bearer dck_secret"]);

        KeyCheck.Withdraw(request.Headers);

        request.Headers.Authorization.Count.ShouldBe(0);
    }

    [Fact]
    public void A_use_is_noted_with_its_time_and_told_once_until_it_is_written()
    {
        var route = Route();

        check.Opens(Request(own: key), route, out var slot).ShouldBeTrue();

        slot!.LastUse.ShouldBe(time.GetUtcNow());
        slot.Use(time.GetUtcNow().AddSeconds(1)).ShouldBeFalse("it is noted already");
        slot.LastUse.ShouldBe(time.GetUtcNow().AddSeconds(1));
        slot.Written();
        slot.Use(time.GetUtcNow()).ShouldBeTrue();
    }

    /// <summary>The catalog of keys in memory.</summary>
    private sealed class KnownKeys : IKeyStore
    {
        private readonly Dictionary<string, KeySummary> keys = [];

        public int Asked { get; private set; }

        /// <summary>The text of a new key.</summary>
        public string Add(KeyHasher hasher, string deployment, Func<KeySummary, KeySummary>? change = null)
        {
            var text = KeyText.New(KeyText.KeyPrefix);
            var hash = hasher.Hash(text);
            var key = new KeySummary(
                "id",
                hash,
                DeploymentName.Parse(deployment),
                "ci",
                text[..KeyText.Shown],
                default,
                "ada",
                null,
                null,
                null
            );
            keys[hash] = change?.Invoke(key) ?? key;
            return text;
        }

        public Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<KeySummary>>([.. keys.Values.Where(k => deployments.Contains(k.Deployment))]);

        public Task<KeySummary?> Find(string hash, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(keys.GetValueOrDefault(hash));
        }
    }
}
