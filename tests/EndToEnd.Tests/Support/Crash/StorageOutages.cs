using System.Globalization;
using System.Net;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>Times during which another process holds the silo's database, and what they left.</summary>
internal sealed class StorageOutages(CrashRun run)
{
    private const string Orphans = """
        SELECT createdAt FROM Body WHERE callId NOT IN (SELECT id FROM AsyncCallIndex)
        UNION SELECT createdAt FROM BodyChunk WHERE callId NOT IN (SELECT id FROM AsyncCallIndex)
        """;

    private static readonly TimeSpan OnTheWay = TimeSpan.FromSeconds(1);

    private readonly List<(DateTimeOffset From, DateTimeOffset To)> times = [];
    private int lines;

    /// <summary>Holds the database until <paramref name="enough"/> returns.</summary>
    public async Task Have(Func<Task> enough)
    {
        // What is on its way when it begins or ends may have either answer.
        run.ExpectEither();
        var held = await DatabaseLock.Take(run.Silo, run.Cancellation);
        var (from, linesBefore) = (TimeProvider.System.GetUtcNow(), run.Silo.LineCount);
        await using (held)
        {
            run.Expect("STORAGE_UNAVAILABLE");
            await enough();
            run.ExpectEither();
            times.Add((from, TimeProvider.System.GetUtcNow()));
            lines += run.Silo.LineCount - linesBefore;
        }

        run.Expect(null);
    }

    /// <summary>During it nothing ends, so nothing can be canceled either.</summary>
    public async Task CancelIsRefused()
    {
        foreach (var id in run.Register.Accepted.Values.Where(id => !run.Watcher.Ends.ContainsKey(id)))
        {
            if (CallEnd.Of(await run.Call(id)) is not null)
                continue;
            using var refused = await run.Card.Send(HttpMethod.Delete, $"/calls/{id}", run.Key, cancellationToken: run.Cancellation);
            (await Card.Problem(refused, HttpStatusCode.ServiceUnavailable, run.Cancellation)).ShouldBe("STORAGE_UNAVAILABLE");
            return;
        }
    }

    /// <summary>
    /// Neither a call nor a body of one that was refused. But for bodies of requests that were on their way when it began: those were stored
    /// before, could not be removed during it, and are swept up by their age.
    /// </summary>
    public async Task NothingIsLeft(CrashFindings found)
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
                .Any(time => at <= time.From && at > time.From - OnTheWay)
                .ShouldBeTrue($"a body of {orphan}, storage was away {string.Join(", ", times)}");
        }
    }

    /// <summary>How much the silo said meanwhile.</summary>
    public override string ToString()
    {
        var seconds = times.Sum(time => (time.To - time.From).TotalSeconds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"storage was away for {seconds:0.0} s, {lines / seconds:0} log lines each second"
        );
    }
}
