using System.Text;
using DeployCard.Common.Text;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Output;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class OutputTests
{
    [Fact]
    public async Task Log_has_the_lines_of_both_streams_and_those_of_the_runtime()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script(
            "broken",
            "echo hello; echo oops >&2; printf 'no end'; exit 3"
        );
        var pod = await host.Start(LocalProcessHost.Pod("broken"));
        await host.UntilFailed(pod);
        await host.Stop(pod);

        var lines = await host.Log(pod);

        lines[0].Stream.ShouldBe(LogStream.System);
        lines[0].Text.ShouldStartWith("Starting on port ");
        lines.Where(line => line.Stream == LogStream.Stdout).Select(line => line.Text).ShouldBe(["hello", "no end"]);
        lines.Where(line => line.Stream == LogStream.Stderr).Select(line => line.Text).ShouldBe(["oops"]);
        lines.Where(line => line.Stream == LogStream.System).Select(line => line.Text).ShouldContain(text => text.Contains("exit code 3"));
        lines[^1].Text.ShouldStartWith("The pod restarts in ");
    }

    [Fact]
    public async Task Early_reader_sees_lines_while_the_pod_runs_and_its_end()
    {
        await using var host = new LocalProcessHost().Script("talks", "echo hello; exec sleep 1000");
        var pod = await host.Start(LocalProcessHost.Pod("talks"));
        var seen = new List<string>();

        await foreach (var line in host.Lines(pod))
        {
            seen.Add(line.Text);
            if (line.Text == "hello")
                await host.Stop(pod);
        }

        seen[^1].ShouldContain("The pod was stopped");
    }

    [Fact]
    public async Task Unread_lines_do_not_block_the_pod_and_the_newest_are_kept()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script("loud", "seq 1 100000; exit 1");
        var pod = await host.Start(LocalProcessHost.Pod("loud"));
        await host.UntilFailed(pod);
        await host.Stop(pod);

        var lines = await host.Log(pod);

        lines[0].Text.ShouldEndWith("lines were dropped here: the pod wrote faster than its log was read.");
        lines[0].Text.ShouldStartWith($"{lines[0].DroppedLines} ");
        lines[0].DroppedLines.ShouldBeGreaterThan(0);
        lines.Count.ShouldBeLessThanOrEqualTo(10_001);
        lines.Last(line => line.Stream == LogStream.Stdout).Text.ShouldBe("100000");
    }

    [Fact]
    public async Task Reader_receives_a_hundred_thousand_lines_in_order_and_complete()
    {
        await using var host = new LocalProcessHost(options => options.MaxBufferedLogLines = 200_000, new FakeTimeProvider()).Script(
            "loud",
            "seq 1 100000; exit 1"
        );
        var pod = await host.Start(LocalProcessHost.Pod("loud"));
        var reading = Task.Run(() => host.Log(pod), TestContext.Current.CancellationToken);
        await host.UntilFailed(pod);
        await host.Stop(pod);

        var lines = await reading;

        lines
            .Where(line => line.Stream == LogStream.Stdout)
            .Select(line => line.Text)
            .ShouldBe(Enumerable.Range(1, 100_000).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Very_long_line_is_truncated_and_the_next_line_is_complete()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script(
            "long",
            "head -c 5000000 /dev/zero | tr '\\0' x; echo; echo next; exit 1"
        );
        var pod = await host.Start(LocalProcessHost.Pod("long"));
        var failed = await host.UntilFailed(pod);
        await host.Stop(pod);

        var lines = (await host.Log(pod)).Where(line => line.Stream == LogStream.Stdout).Select(line => line.Text).ToList();

        lines.Count.ShouldBe(2);
        lines[0].ShouldBe($"{new string('x', 16384)} … [{5_000_000 - 16384} bytes cut]");
        lines[1].ShouldBe("next");
        failed.LastLines[0].Length.ShouldBe(1001);
    }

    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\r\nb", "a|b")]
    [InlineData("a\n\n\nb\n", "a|||b")]
    [InlineData("a\r\n\r\nb\n", "a||b")]
    [InlineData("\r 10%\r 20%\r\ndone\n", " 10%| 20%|done")]
    [InlineData("", "")]
    [InlineData("tab\t\u001b[31mred\u001b[m", "tab\t\u001b[31mred\u001b[m")]
    [InlineData("nul\0 \a del\u007f \u009b", "nul␀ ␇ del␡ \ufffd")]
    [InlineData("0123456789abcdefghijklmnop", "0123456789abcdef … [10 bytes cut]")]
    [InlineData("0123456789abcdef\n", "0123456789abcdef")]
    [InlineData("0123456789abcdé", "0123456789abcdé")]
    [InlineData("0123456789abcdeé\n", "0123456789abcde … [2 bytes cut]")]
    [InlineData("0123456789abcdéx\n", "0123456789abcdé … [1 bytes cut]")]
    [InlineData("0123456789abc😀\n", "0123456789abc … [4 bytes cut]")]
    public void Lines_do_not_depend_on_how_the_bytes_are_split_into_reads(string text, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var size = 1; size <= Math.Max(1, bytes.Length); size++)
        {
            var lines = new List<string>();
            var splitter = new LineSplitter(16, (line, cut) => lines.Add(LineText.From(line, cut)));
            foreach (var piece in bytes.Chunk(size))
                splitter.Add(piece);

            splitter.Complete();
            string.Join('|', lines).ShouldBe(expected);
        }
    }

    [Fact]
    public void Invalid_utf8_becomes_the_replacement_character()
    {
        var lines = new List<string>();
        var splitter = new LineSplitter(100, (line, cut) => lines.Add(LineText.From(line, cut)));

        splitter.Add([(byte)'a', 0xff, 0xfe, (byte)'b', 0xc3, (byte)'\n']);

        lines.ShouldBe(["a\ufffd\ufffdb\ufffd"]);
    }

    [Fact]
    public async Task Buffer_is_bounded_in_bytes()
    {
        var buffer = new LogBuffer(1000, 100, TimeProvider.System);
        for (var i = 0; i < 50; i++)
            buffer.Add(LogStream.Stdout, new string('x', 30));

        buffer.Complete();

        var lines = await buffer.Read(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        lines.Count.ShouldBe(4);
        lines[0].Stream.ShouldBe(LogStream.System);
        lines[0].Text.ShouldStartWith("47 lines");
    }

    [Fact]
    public async Task Line_has_its_arrival_time_in_utc_even_if_it_is_read_late()
    {
        var clock = new FakeTimeProvider(new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        clock.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(5), "east", "east"));
        var buffer = new LogBuffer(1000, 1000, clock);
        buffer.Add(LogStream.Stdout, "first");
        clock.Advance(TimeSpan.FromSeconds(1));
        buffer.Add(LogStream.Stderr, "second");
        buffer.Complete();
        clock.Advance(TimeSpan.FromHours(1));

        var lines = await buffer.Read(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        lines.ShouldBe([
            new(new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), LogStream.Stdout, "first"),
            new(new(2030, 1, 2, 3, 4, 6, TimeSpan.Zero), LogStream.Stderr, "second"),
        ]);
        lines.ShouldAllBe(line => line.At.Offset == TimeSpan.Zero);
    }

    [Fact]
    public async Task Second_reader_replaces_the_first()
    {
        var buffer = new LogBuffer(1000, 1000, TimeProvider.System);
        var token = TestContext.Current.CancellationToken;
        await using var first = buffer.Read(token).GetAsyncEnumerator(token);
        var waiting = first.MoveNextAsync();
        await using var second = buffer.Read(token).GetAsyncEnumerator(token);
        var next = second.MoveNextAsync();

        (await waiting).ShouldBeFalse();
        buffer.Add(LogStream.Stdout, "hello");

        (await next).ShouldBeTrue();
        second.Current.Text.ShouldBe("hello");
    }

    [Fact]
    public void Last_lines_of_a_quiet_stream_are_not_displaced_by_the_other_stream()
    {
        var last = new LastLines();
        last.Add(LogStream.Stderr, "the reason");
        for (var i = 1; i <= 100; i++)
            last.Add(LogStream.Stdout, $"{i}");

        last.FindLikelyError().ShouldBe("the reason");
        last.ToList().ShouldBe(["the reason", .. Enumerable.Range(82, 19).Select(i => $"{i}")]);
    }
}
