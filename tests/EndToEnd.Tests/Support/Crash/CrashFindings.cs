using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>What is left when a run is over: every call of the deployment as it ended.</summary>
internal sealed class CrashFindings(CrashRun run, IReadOnlyList<EndedCall> calls, TimeSpan drained)
{
    public IReadOnlyList<EndedCall> Calls => calls;

    public static async Task<CrashFindings> Of(CrashRun run, TimeSpan drained)
    {
        var calls = new List<EndedCall>();
        foreach (var (id, path) in await CallList.Read(run))
        {
            // Those too whose 202 was lost on its way.
            var call = await Eventually.Get(() => run.Call(id), call => CallEnd.Of(call) is not null, run.Cancellation);
            run.Watcher.Compare(id, call);
            var (token, fails) = WorkCall.Of(path);
            calls.Add(new(id, token, fails, call, await run.Result(id), run.Pods.CountOf(token)));
        }

        return new(run, calls, drained);
    }

    public CrashRow Row(string what, int rounds) =>
        new(
            what,
            rounds,
            run.Seed,
            Accepted: calls.Count,
            Unanswered: calls.Count(call => !run.Register.Accepted.ContainsKey(call.Token)),
            Completed: calls.Count(call => call.IsCompleted),
            Errors: calls.Count(call => !call.IsCompleted),
            Lost: Lost().Count,
            Extra: calls.Sum(call => call.Extra),
            Reached: calls.Sum(call => call.Reached),
            Drained: drained.TotalSeconds,
            Seconds: run.Elapsed.TotalSeconds
        );

    /// <summary>What holds whatever went down.</summary>
    public void ShouldHold()
    {
        run.Register.Contradictions.ShouldBeEmpty();
        Lost().ShouldBeEmpty();
        calls.GroupBy(call => call.Token).Where(same => same.Count() > 1).ShouldBeEmpty("calls that are there twice");
        calls
            .Select(call => call.Token)
            .Except(run.Register.Accepted.Keys)
            .Except(run.Register.Unanswered)
            .ShouldBeEmpty("calls that nobody was promised");
        foreach (var call in calls)
            call.ShouldHold();
    }

    private List<string> Lost() =>
        [
            .. run
                .Register.Accepted.Where(promised => !calls.Any(call => call.Id == promised.Value && call.Token == promised.Key))
                .Select(promised => promised.Value),
        ];
}

/// <summary>A call that has ended.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">Its token.</param>
/// <param name="Fails">The 503s that it asked for.</param>
/// <param name="Call">What <c>GET /calls/{id}</c> says.</param>
/// <param name="Result">The text of its result; null where there is none.</param>
/// <param name="Reached">How often its request reached a pod, as the pods noted.</param>
internal sealed record EndedCall(string Id, string Token, int Fails, JsonNode Call, string? Result, int Reached)
{
    private const int MostAttempts = 5;

    public bool IsCompleted => (string)Call["status"]! == "COMPLETED";

    /// <summary>Attempts beyond the one that it needs and those that the pod failed as it was asked to.</summary>
    public int Extra => Attempts.Count - 1 - Attempts.Count(attempt => (int?)attempt!["statusCode"] == 503);

    public JsonArray Attempts => Call["attempts"]!.AsArray();

    public void ShouldHold()
    {
        var told = $"reached pods {Reached} times: {Call.ToJsonString()}";
        var counted = Attempts.Where(attempt => (bool)attempt!["isCounted"]!).ToList();
        counted.Count.ShouldBeLessThanOrEqualTo(MostAttempts, told);
        Reached.ShouldBeLessThanOrEqualTo(Attempts.Count, told);
        Attempts.ShouldAllBe(attempt => attempt!["endedAt"] != null, told);
        if (IsCompleted)
        {
            Result.ShouldBe(Token, told);
            Reached.ShouldBeGreaterThan(Fails, told);
            return;
        }

        // Only what was tried as often as it may be.
        counted.Count.ShouldBe(MostAttempts, told);
        counted.ShouldAllBe(attempt => attempt!["errorCode"] != null, told);
    }
}
