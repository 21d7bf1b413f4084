using DeployCard.Grains.Monitoring;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>Nothing counts twice, whatever comes again, late or in another order.</summary>
public sealed class MonitorLedgerTests
{
    private const long Now = 30_000_000;
    private readonly MonitorLedger ledger = new();

    [Fact]
    public void Parts_of_several_sources_are_added_and_one_that_comes_again_replaces_itself()
    {
        ledger.Take(Minutes.Part("a", 1, Now, (Figure.Succeeded, 3)), Now).ShouldBeTrue();
        ledger.Take(Minutes.Part("b", 1, Now, (Figure.Succeeded, 10)), Now).ShouldBeTrue();
        ledger.Take(Minutes.Part("a", 2, Now, (Figure.Succeeded, 5)), Now).ShouldBeTrue();

        Succeeded(Now).ShouldBe(15);
    }

    [Fact]
    public void An_older_part_and_the_same_one_once_more_change_nothing()
    {
        ledger.Take(Minutes.Part("a", 2, Now, (Figure.Succeeded, 5)), Now);

        ledger.Take(Minutes.Part("a", 1, Now, (Figure.Succeeded, 3)), Now).ShouldBeFalse();
        ledger.Take(Minutes.Part("a", 2, Now, (Figure.Succeeded, 5)), Now).ShouldBeFalse();

        Succeeded(Now).ShouldBe(5);
    }

    [Fact]
    public void What_is_too_late_or_from_a_clock_that_is_ahead_is_left_out_and_not_asked_for_again()
    {
        ledger.Take(Minutes.Part("a", 1, Now - MonitorLedger.OpenMinutes - 1, (Figure.Succeeded, 3)), Now).ShouldBeFalse();
        ledger.Take(Minutes.Part("a", 2, Now + 2, (Figure.Succeeded, 3)), Now).ShouldBeFalse();
        ledger.Take(Minutes.Part("a", 3, Now - MonitorLedger.OpenMinutes, (Figure.Succeeded, 3)), Now).ShouldBeTrue();

        ledger.Receipt("a").Known.ShouldBe(3);
    }

    [Fact]
    public void A_receipt_tells_what_is_stored_only_after_it_is()
    {
        ledger.Take(Minutes.Part("a", 7, Now), Now);
        ledger.Receipt("a").ShouldBe(new(7, 0));

        ledger.Stored(ledger.ToWrite(Now));

        ledger.Receipt("a").ShouldBe(new(7, 7));
        ledger.Receipt("b").ShouldBe(new(0, 0));
        ledger.ToWrite(Now).ShouldBeEmpty();
    }

    [Fact]
    public void What_grew_too_old_while_nobody_looked_is_not_written_any_more()
    {
        ledger.Take(Minutes.Part("a", 7, Now, (Figure.Succeeded, 5)), Now);
        var later = Now + (3 * 24 * 60) + MonitorLedger.BlockMinutes;

        ledger.DropBefore(later - (3 * 24 * 60));

        ledger.ToWrite(later).ShouldBeEmpty();
        ledger.TryFind(Now, out _).ShouldBeFalse();
    }

    [Fact]
    public void Who_takes_over_from_storage_knows_what_each_source_told()
    {
        ledger.Take(Minutes.Part("a", 7, Now, (Figure.Succeeded, 5)), Now);
        ledger.Take(Minutes.Part("b", 2, Now, (Figure.Failed, 1)), Now);
        var stored = ledger
            .ToWrite(Now)
            .Select(block => new MonitorBlock(block.FirstMinute, BlockFormat.Write(block.FirstMinute, block.Parts)))
            .ToList();
        var next = new MonitorLedger();

        next.Restore(stored.SelectMany(BlockFormat.Read));

        next.Receipt("a").ShouldBe(new(7, 7));
        next.Take(Minutes.Part("a", 7, Now, (Figure.Succeeded, 5)), Now).ShouldBeFalse();
        next.TryFind(Now, out var bucket).ShouldBeTrue();
        (bucket!.Figures[(int)Figure.Succeeded], bucket.Figures[(int)Figure.Failed]).ShouldBe((5, 1));
    }

    [Fact]
    public void A_block_closes_when_nothing_more_is_taken_of_it_and_is_merged_for_good()
    {
        ledger.Take(Minutes.Part("a", 1, Now, (Figure.Succeeded, 5), (Figure.AsyncBacklog, 9)), Now);
        ledger.Take(Minutes.Part("b", 1, Now, (Figure.Succeeded, 6), (Figure.AsyncBacklog, 4)), Now);
        ledger.Stored(ledger.ToWrite(Now));
        var later = Now + MonitorLedger.BlockMinutes + MonitorLedger.OpenMinutes;

        var closed = ledger.ToWrite(later).ShouldHaveSingleItem();
        ledger.Stored([closed]);

        closed.IsClosed.ShouldBeTrue();
        var part = closed.Parts.ShouldHaveSingleItem();
        part.Source.ShouldBeEmpty();
        part.Bucket.Figures[(int)Figure.Succeeded].ShouldBe(11);
        part.Bucket.Figures[(int)Figure.AsyncBacklog].ShouldBe(9);
        Succeeded(Now).ShouldBe(11);
        ledger.ToWrite(later).ShouldBeEmpty();
        ledger.Take(Minutes.Part("c", 1, Now, (Figure.Succeeded, 5)), later).ShouldBeFalse();
        ledger.Forget(Now + MonitorLedger.RecentMinutes);
        ledger.TryFind(Now, out _).ShouldBeTrue();
        ledger.Forget(Now + MonitorLedger.RecentMinutes + MonitorLedger.BlockMinutes);
        ledger.TryFind(Now, out _).ShouldBeFalse();
        MonitorLedger.FirstOpen(later).ShouldBeGreaterThan(closed.FirstMinute);
    }

    [Fact]
    public void A_stored_block_reads_as_it_was_written()
    {
        var bucket = Minutes
            .Bucket(Now, (Figure.BytesOut, long.MaxValue), (Figure.Waiting, 1))
            .Pods(Minutes.Pod("iris-1-abcde", memory: 1L << 40), Minutes.Pod("iris-1-fghij", isReady: false, samples: 0)) with
        {
            Latency = LatencyTests.Histogram([1, 1000, 1_000_000]),
            AsyncLatency = LatencyTests.Histogram([77]),
            ColdStart = LatencyTests.Histogram([5_000_000]),
        };
        MinutePart[] parts = [new("127.0.0.1:1@5", 9, bucket), new("", 0, Minutes.Bucket(Now + 1))];

        var read = BlockFormat.Read(new(Now - 3, BlockFormat.Write(Now - 3, parts)));

        read.Select(part => (part.Source, part.Version, part.Bucket.Minute)).ShouldBe([("127.0.0.1:1@5", 9, Now), ("", 0, Now + 1)]);
        read[0].Bucket.Figures.ShouldBe(bucket.Figures);
        read[0].Bucket.Latency.Bytes.ToArray().ShouldBe(bucket.Latency.Bytes.ToArray());
        read[0].Bucket.AsyncLatency.Bytes.ToArray().ShouldBe(bucket.AsyncLatency.Bytes.ToArray());
        read[0].Bucket.ColdStart!.Bytes.ToArray().ShouldBe(bucket.ColdStart.Bytes.ToArray());
        read[0].Bucket.Latency.Figures.ShouldBe(bucket.Latency.Figures);
        read[0].Bucket.ColdStart!.Figures.ShouldBe(bucket.ColdStart.Figures);
        read[0].Bucket.Pods.ShouldBe(bucket.Pods);
        read[1].Bucket.Latency.ShouldBeSameAs(LatencyHistogram.Empty);
    }

    [Fact]
    public void A_block_of_the_first_format_is_read_as_one_without_cold_starts()
    {
        // A minute of an unnamed source, version 0, one figure of 5, a latency of two requests of 8 µs and no pods.
        var read = BlockFormat.Read(new(Now, [1, 1, 0, 0, 1, 0, 0, 0, 1, 5, 2, 9, 2, 0, 0])).ShouldHaveSingleItem();

        (read.Bucket.Minute, read.Bucket.ColdStart).ShouldBe((Now, null));
        read.Bucket.Figures.ShouldBe([5]);
        read.Bucket.Latency.Figures!.Count.ShouldBe(2);
        read.Bucket.Latency.Figures.P99.ShouldBe(TimeSpan.FromMicroseconds(8));
    }

    [Fact]
    public void A_block_of_a_newer_format_is_refused_by_name() =>
        Should.Throw<NotSupportedException>(() => BlockFormat.Read(new(0, [3, 0, 0, 0]))).Message.ShouldContain("format 3");

    private long Succeeded(long minute) => ledger.TryFind(minute, out var bucket) ? bucket!.Figures[(int)Figure.Succeeded] : -1;
}
