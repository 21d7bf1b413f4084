using System.Globalization;
using System.Net;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>Causes storage outages by locking the silo's database, and checks the stored data afterwards.</summary>
internal sealed class StorageOutages(CrashRun run)
{
    private const string Orphans = """
        SELECT createdAt FROM Body WHERE callId NOT IN (SELECT id FROM AsyncCallIndex)
        UNION SELECT createdAt FROM BodyChunk WHERE callId NOT IN (SELECT id FROM AsyncCallIndex)
        """;

    private static readonly TimeSpan MaxTimeInFlight = TimeSpan.FromSeconds(1);

    private readonly List<(DateTimeOffset From, DateTimeOffset To)> times = [];
    private int lines;

    /// <summary>Locks the database until <paramref name="during"/> completes.</summary>
    public async Task Run(Func<Task> during)
    {
        // Requests that are in flight when the outage begins or ends may get either response.
        run.ExpectEither();
        var held = await DatabaseLock.Acquire(run.Silo, run.Cancellation);
        var (from, linesBefore) = (TimeProvider.System.GetUtcNow(), run.Silo.LineCount);
        await using (held)
        {
            run.Expect("STORAGE_UNAVAILABLE");
            await during();
            run.ExpectEither();
            times.Add((from, TimeProvider.System.GetUtcNow()));
            lines += run.Silo.LineCount - linesBefore;
        }

        run.Expect(null);
    }

    /// <summary>Asserts that canceling a call fails during the outage, because the end of the call cannot be stored.</summary>
    public async Task CancelShouldFail()
    {
        foreach (var id in run.Register.Accepted.Values.Where(id => !run.Watcher.Ends.ContainsKey(id)))
        {
            if (FinalCallState.From(await run.GetCall(id)) is not null)
                continue;
            using var response = await run.Card.Send(HttpMethod.Delete, $"/calls/{id}", run.Key, cancellationToken: run.Cancellation);
            (await Card.ReadProblem(response, HttpStatusCode.ServiceUnavailable, run.Cancellation)).ShouldBe("STORAGE_UNAVAILABLE");
            return;
        }
    }

    /// <summary>
    /// Asserts that rejected calls left neither a state nor a body. Bodies of requests that were in flight when an outage began are exempt:
    /// they were stored before the outage, could not be deleted during it, and are deleted later by the retention sweep.
    /// </summary>
    public async Task ShouldLeaveNothing(CrashFindings found)
    {
        var stored = await DatabaseLock.Read(
            run.Silo,
            "SELECT json_extract(PayloadBinary, '$.id') FROM OrleansStorage WHERE GrainTypeString = 'asyncCall'",
            run.Cancellation
        );
        stored.Order().ShouldBe(found.Calls.Select(call => call.Id).Order());
        foreach (var orphan in await DatabaseLock.Read(run.Silo, Orphans, run.Cancellation))
        {
            var at = DateTimeOffset.Parse(orphan, CultureInfo.InvariantCulture);
            times
                .Any(time => at <= time.From && at > time.From - MaxTimeInFlight)
                .ShouldBeTrue($"an orphaned body was created at {orphan}; outages of storage: {string.Join(", ", times)}");
        }
    }

    /// <summary>Describes the total duration of the outages and the silo's log rate during them.</summary>
    public override string ToString()
    {
        var seconds = times.Sum(time => (time.To - time.From).TotalSeconds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"storage was unavailable for {seconds:0.0} s; the silo logged {lines / seconds:0} lines per second"
        );
    }
}
