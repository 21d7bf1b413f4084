using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Monitoring;

/// <summary>
/// Minutes as they are stored. The first byte is the version of the format; then the names of sources and pods, once each, then the parts. Numbers
/// have seven bits a byte, so that small ones are short.
/// </summary>
internal static class BlockFormat
{
    private const byte Version = 2;

    /// <summary>Without what cold starts waited, and without percentiles.</summary>
    private const byte First = 1;

    public static byte[] Write(long firstMinute, IReadOnlyCollection<MinutePart> parts)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Version);
        var sources = WriteNames(writer, parts.Select(part => part.Source));
        var pods = WriteNames(writer, parts.SelectMany(part => part.Bucket.Pods).Select(pod => pod.Pod.Value));
        writer.Write7BitEncodedInt(parts.Count);
        foreach (var part in parts)
        {
            writer.Write7BitEncodedInt64(part.Bucket.Minute - firstMinute);
            writer.Write7BitEncodedInt(sources[part.Source]);
            writer.Write7BitEncodedInt64(part.Version);
            Write(writer, part.Bucket, pods);
        }

        return bytes.ToArray();
    }

    /// <exception cref="NotSupportedException">A newer version wrote it.</exception>
    public static IReadOnlyList<MinutePart> Read(MonitorBlock block)
    {
        var reader = new BlockReader(block.Payload);
        var version = reader.ReadByte();
        if (version is not (First or Version))
            throw new NotSupportedException(
                $"A block of monitoring has format {version}; this version reads formats {First} to {Version}."
            );
        var (sources, pods) = (ReadNames(ref reader), ReadNames(ref reader));
        var parts = new MinutePart[(int)reader.ReadNumber()];
        for (var i = 0; i < parts.Length; i++)
        {
            var minute = block.FirstMinute + reader.ReadNumber();
            parts[i] = new(sources[(int)reader.ReadNumber()], reader.ReadNumber(), Read(ref reader, version, minute, pods));
        }

        return parts;
    }

    private static Dictionary<string, int> WriteNames(BinaryWriter writer, IEnumerable<string> names)
    {
        var numbers = names.Distinct().Index().ToDictionary(name => name.Item, name => name.Index);
        writer.Write7BitEncodedInt(numbers.Count);
        foreach (var name in numbers.Keys)
            writer.Write(name);
        return numbers;
    }

    private static string[] ReadNames(ref BlockReader reader)
    {
        var names = new string[(int)reader.ReadNumber()];
        for (var i = 0; i < names.Length; i++)
            names[i] = reader.ReadString();
        return names;
    }

    private static void Write(BinaryWriter writer, MinuteBucket bucket, Dictionary<string, int> pods)
    {
        writer.Write7BitEncodedInt(bucket.Figures.Length);
        foreach (var figure in bucket.Figures)
            writer.Write7BitEncodedInt64(figure);
        Write(writer, bucket.Latency);
        Write(writer, bucket.AsyncLatency);
        Write(writer, bucket.ColdStart ?? LatencyHistogram.Empty);
        writer.Write7BitEncodedInt(bucket.Pods.Count);
        foreach (var pod in bucket.Pods)
        {
            writer.Write7BitEncodedInt(pods[pod.Pod.Value]);
            writer.Write(pod.IsReady);
            foreach (var number in new[] { pod.Samples, pod.MilliCores, pod.MostMilliCores, pod.MostMemory })
                writer.Write7BitEncodedInt64(number);
        }
    }

    private static void Write(BinaryWriter writer, LatencyHistogram histogram)
    {
        writer.Write7BitEncodedInt(histogram.Bytes.Length);
        if (histogram.Figures is not { } figures)
            return;
        // So that who asks for minutes as they are need not look through the bins of days.
        writer.Write7BitEncodedInt64(figures.Count);
        foreach (var time in new[] { figures.P50, figures.P90, figures.P95, figures.P99, figures.Max })
            writer.Write7BitEncodedInt(LatencyBins.Of((long)time.TotalMicroseconds));
        writer.Write(histogram.Bytes.Span);
    }

    private static MinuteBucket Read(ref BlockReader reader, byte version, long minute, string[] names)
    {
        var figures = new long[(int)reader.ReadNumber()];
        for (var i = 0; i < figures.Length; i++)
            figures[i] = reader.ReadNumber();
        var (latency, asyncLatency) = (ReadHistogram(ref reader, version), ReadHistogram(ref reader, version));
        var coldStart = version > First ? ReadHistogram(ref reader, version) : null;
        var pods = new PodMinute[(int)reader.ReadNumber()];
        for (var i = 0; i < pods.Length; i++)
        {
            pods[i] = new(
                new PodName(names[(int)reader.ReadNumber()]),
                reader.ReadByte() > 0,
                reader.ReadNumber(),
                reader.ReadNumber(),
                reader.ReadNumber(),
                reader.ReadNumber()
            );
        }

        return new(minute, figures, latency, asyncLatency, pods) { ColdStart = coldStart };
    }

    private static LatencyHistogram ReadHistogram(ref BlockReader reader, byte version)
    {
        if ((int)reader.ReadNumber() is var length && length == 0)
            return LatencyHistogram.Empty;
        if (version == First)
            return new(reader.ReadBytes(length));
        var figures = new LatencyFigures(
            reader.ReadNumber(),
            ReadTime(ref reader),
            ReadTime(ref reader),
            ReadTime(ref reader),
            ReadTime(ref reader),
            ReadTime(ref reader)
        );
        return LatencyHistogram.Of(reader.ReadBytes(length), figures);
    }

    private static TimeSpan ReadTime(ref BlockReader reader) =>
        LatencyBins.Middle((int)Math.Min(reader.ReadNumber(), LatencyBins.Count - 1));
}
