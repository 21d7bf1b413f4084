using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>Output of a pod, from its pipe to the readers of its log.</summary>
public sealed class LogTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const int Flood = 200_000;
    private const string Mark = " lines were dropped here";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pod_that_floods_its_log_delays_no_other_pod_and_every_line_is_shown_or_counted()
    {
        // The buffer is shorter than the history, so that the history still contains the marks of dropped lines.
        await using var silo = await SiloProcess.Start(Cancellation, "--LocalProcess:MaxBufferedLogLines", "2000");
        using var card = new Card(silo);
        var (loud, calm) = (await card.Deploy("loud", "echo"), await card.Deploy("calm", "echo"));
        await Print(card, "loud", loud, "it begins");
        await using var socket = await GraphQLSocket.Connect(silo, Cancellation);
        await socket.Subscribe("tail", "subscription { logLines(deployment: \"loud\") { lines { text } droppedLines } }", Cancellation);
        await socket.WaitFor("tail", data => Texts(data).Contains("it begins"), Cancellation);
        using var others = new SteadyRequests(() => card.Send(HttpMethod.Get, "/predict/calm/x", calm, cancellationToken: Cancellation), 2);
        await others.WaitForCount(10);

        var printing = Print(card, "loud", loud, string.Join('\n', Enumerable.Range(1, Flood).Select(n => $"{n:D6}")));
        var (shown, droppedLines) = (new List<int>(), 0L);
        while (shown.Count + droppedLines < Flood)
        {
            var data = (await socket.Next(Cancellation)).Data;
            droppedLines += (long)data["logLines"]!["droppedLines"]!;
            foreach (var text in Texts(data))
            {
                if (text.IndexOf(Mark, StringComparison.Ordinal) is > 0 and var at)
                    droppedLines += long.Parse(text.AsSpan(0, at), CultureInfo.InvariantCulture);
                else
                    shown.Add(int.Parse(text, CultureInfo.InvariantCulture));
            }
        }

        await printing;
        (shown.Count + droppedLines).ShouldBe(Flood);
        droppedLines.ShouldBeGreaterThan(0);
        shown.ShouldBe(shown.Distinct().Order());
        shown[^1].ShouldBe(Flood);
        var before = others.Count;
        await others.WaitForCount(before + 10);
        (await others.End()).ShouldAllBe(status => status == HttpStatusCode.OK);
        var file = (await LogFile(card, "loud")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        file.ShouldContain(line => line.Contains(Mark, StringComparison.Ordinal));
        file[^1].ShouldEndWith($" {Flood}");
    }

    [Fact]
    public async Task Kill_loses_at_most_the_lines_of_the_last_second()
    {
        await using var silo = await SiloProcess.Start(Cancellation);
        using var card = new Card(silo);
        var key = await card.Deploy("killed", "echo");
        for (var n = 1; n <= 150; n++)
        {
            await Print(card, "killed", key, $"line {n}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        }

        await Eventually.Get(() => Lines(card), lines => lines.Any(l => l.Text == "line 150"), Cancellation);
        var before = (await Lines(card)).Where(l => l.Text.StartsWith("line ", StringComparison.Ordinal)).ToList();

        await silo.Kill(Cancellation);
        var killed = TimeProvider.System.GetUtcNow();
        await silo.Run(Cancellation);

        var kept = (await Lines(card)).Where(l => l.Text.StartsWith("line ", StringComparison.Ordinal)).ToList();
        kept.ShouldBe(before.Take(kept.Count));
        // Lines are stored every second; one more second allows for a busy machine.
        before.Skip(kept.Count).ShouldAllBe(lost => lost.At > killed - TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Log_of_a_failing_pod_contains_the_output_of_each_run()
    {
        var (card, name) = (shared.Card, shared.NewName("broken"));
        await card.Deploy(
            name,
            "echo",
            new { pods = "1-1", environment = new[] { new { name = "FAIL_AT_START", value = "no model there" } } }
        );

        var log = await Eventually.Get(() => LogFile(card, name), text => text.Split("no model there").Length > 3, Cancellation);

        var relevant = log.Split('\n')
            .Where(line =>
                line.Contains("sys Starting on port", StringComparison.Ordinal)
                || line.EndsWith("err no model there", StringComparison.Ordinal)
            )
            .ToList();
        relevant.Count.ShouldBeGreaterThanOrEqualTo(6);
        relevant.Take(6).Select(line => line.Contains(" err ", StringComparison.Ordinal)).ShouldBe([false, true, false, true, false, true]);
    }

    private static IEnumerable<string> Texts(JsonNode data) => data["logLines"]!["lines"]!.AsArray().Select(line => (string)line!["text"]!);

    private static async Task Print(Card card, string name, string key, string text)
    {
        using var printed = await card.Send(
            HttpMethod.Post,
            $"/predict/{name}/print",
            key,
            new StringContent(text, Encoding.UTF8),
            Cancellation
        );
        printed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<List<(DateTimeOffset At, string Text)>> Lines(Card card) =>
        [
            .. (await card.Query("{ deployment(name: \"killed\") { logs { at text } } }", cancellationToken: Cancellation))["deployment"]![
                "logs"
            ]!
                .AsArray()
                .Select(line => (DateTimeOffset.Parse((string)line!["at"]!, CultureInfo.InvariantCulture), (string)line["text"]!)),
        ];

    private static async Task<string> LogFile(Card card, string name)
    {
        using var response = await card.Send(
            HttpMethod.Get,
            $"/deployments/{name}/logs.txt",
            null,
            cancellationToken: Cancellation,
            headers: [("Authorization", $"Bearer {card.Silo.Token}")]
        );
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }
}
