using System.Text;

namespace DeployCard.Grains.Monitoring;

/// <summary>
/// Reads what a <see cref="BinaryWriter"/> wrote, from memory: three days are some million numbers, and a reader of streams asks the stream for each of
/// their bytes. Bytes that are missing are an <see cref="IndexOutOfRangeException"/> or <see cref="ArgumentOutOfRangeException"/>.
/// </summary>
internal ref struct BlockReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int at;

    public byte ReadByte() => bytes[at++];

    /// <summary>A number of seven bits a byte.</summary>
    public long ReadNumber()
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    public ReadOnlySpan<byte> ReadBytes(int length)
    {
        var read = bytes.Slice(at, length);
        at += length;
        return read;
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadBytes((int)ReadNumber()));
}
