using System.Text.Json;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Domain.Deployments;
using DeployCard.Domain.Keys;
using DeployCard.Storage.Sql;

namespace DeployCard.Grains.Tests.Storage;

public sealed class JsonStateSerializerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 30, 0, TimeSpan.FromHours(3));
    private readonly JsonStateSerializer serializer = new();

    [Fact]
    public void Deployment_state_is_unchanged_after_a_round_trip()
    {
        var state = new DeploymentState
        {
            Name = "iris",
            Uid = Guid.NewGuid(),
            Title = "Ирис \"1\" <b> 🙂",
            Status = DeploymentStatus.Failed,
            Image = "samples/echo",
            CreatedAt = Now,
            CreatedBy = "anna",
            UpdatedAt = Now.AddTicks(1),
            DeletedAt = Now.AddDays(1),
            IsStopped = true,
            IsActive = true,
            DueAt = Now.AddDays(3),
            Revisions = [new(1, "samples/echo", Configuration(), Now, "anna"), new(2, "samples/echo", new(), Now, "boris", RollbackOf: 1)],
            Keys = [new("k1", new('a', 64), Now), new("k2", new('b', 64), null)],
            Failure = new("iris-1-abcde", 1, PodReasons.Exited, "It ended.", 137, ["one", "two"], Now),
            RouteVersion = 42,
        };

        Assert.Equivalent(state, RoundTrip(state), strict: true);
    }

    [Fact]
    public void Key_state_is_unchanged_after_a_round_trip()
    {
        var state = new KeyState
        {
            Id = "k1",
            Hash = new('c', 64),
            Deployment = "iris",
            Name = "ci",
            Prefix = "dc_ab12",
            CreatedAt = Now,
            CreatedBy = "anna",
            ExpiresAt = Now.AddDays(1),
            RevokedAt = Now.AddHours(1),
            LastUsedAt = Now.AddMinutes(1),
            DueAt = Now.AddDays(4),
        };

        Assert.Equivalent(state, RoundTrip(state), strict: true);
    }

    [Fact]
    public void Call_state_is_unchanged_after_a_round_trip()
    {
        var state = new AsyncCallState
        {
            Id = CallId.Create(Now).Value,
            Deployment = "iris",
            DeploymentUid = Guid.NewGuid(),
            Status = CallStatus.Error,
            ErrorCode = CallErrorCode.HealthTimeout,
            ErrorMessage = "No pod became ready.",
            CreatedAt = Now,
            EndedAt = Now.AddMinutes(2),
            DueAt = Now.AddDays(3),
            NextAttemptAt = Now.AddSeconds(7),
            Request = new("POST", "/v1/models/iris:predict?x=1", [new("Content-Type", "application/json")], new(3, [0, 127, 255])),
            Limits = new(TimeSpan.FromMilliseconds(1500), TimeSpan.FromMinutes(5), TimeSpan.FromDays(30), TimeSpan.FromDays(3)),
            Attempts = [new(1, Now, Now.AddSeconds(1), "iris-1-abcde", 503, CallErrorCode.PodError, "503"), new(2, Now)],
            Result = new(200, [new("X", "y"), new("X", "z")], new(1L << 40, null)),
        };

        Assert.Equivalent(state, RoundTrip(state), strict: true);
    }

    [Fact]
    public void Default_states_are_unchanged_after_a_round_trip()
    {
        Json(RoundTrip(new DeploymentState())).GetRawText().ShouldBe(Json(new DeploymentState()).GetRawText());
        Json(RoundTrip(new KeyState())).GetRawText().ShouldBe(Json(new KeyState()).GetRawText());
        Json(RoundTrip(new AsyncCallState())).GetRawText().ShouldBe(Json(new AsyncCallState()).GetRawText());
    }

    [Fact]
    public void Json_contains_the_names_and_formats_that_the_index_scripts_read()
    {
        var json = Json(
            new AsyncCallState
            {
                Id = "1",
                Status = CallStatus.Error,
                ErrorCode = CallErrorCode.ResultTooLarge,
                CreatedAt = Now,
                DueAt = Now.AddTicks(5),
            }
        );

        json.GetProperty("id").GetString().ShouldBe("1");
        json.GetProperty("status").GetString().ShouldBe("ERROR");
        json.GetProperty("errorCode").GetString().ShouldBe("RESULT_TOO_LARGE");
        json.GetProperty("createdAt").GetString().ShouldBe("2026-03-01T09:30:00.0000000Z");
        json.GetProperty("dueAt").GetString().ShouldBe("2026-03-01T09:30:00.0000005Z");
        json.TryGetProperty("endedAt", out _).ShouldBeFalse();
        json.GetProperty("limits").GetProperty("health").GetString().ShouldBe("PT2M");
    }

    [Fact]
    public void Ids_and_ranges_are_serialized_as_plain_text()
    {
        DeploymentName.TryParse("iris", out var name).ShouldBeTrue();
        var id = CallId.Create(Now);

        Json(
                new
                {
                    Name = name,
                    Pod = new PodName("iris-1-abcde"),
                    Range = new PodsRange(0, 3),
                    Id = id,
                }
            )
            .GetRawText()
            .ShouldBe($$"""{"name":"iris","pod":"iris-1-abcde","range":"0-3","id":"{{id}}"}""");
    }

    private static DeploymentConfiguration Configuration() =>
        new()
        {
            Pods = new(1, 3),
            Cpu = 0.5,
            MemoryBytes = 1L << 33,
            Gpu = 1,
            Concurrency = 8,
            IdleTimeout = TimeSpan.FromTicks(12345678),
            Environment = [new("KEY", "value")],
        };

    private T RoundTrip<T>(T state) => serializer.Deserialize<T>(serializer.Serialize(state));

    private JsonElement Json<T>(T state) => JsonDocument.Parse(serializer.Serialize(state)).RootElement;
}
