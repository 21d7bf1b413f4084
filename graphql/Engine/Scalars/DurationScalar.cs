using System.Xml;

namespace DeployCard.GraphQL.Engine.Scalars;

/// <summary>Scalar for a length of time.</summary>
internal sealed class DurationScalar : StringScalar<TimeSpan>
{
    public DurationScalar()
    {
        Name = "Duration";
        Description = "A length of time in ISO 8601 format, for example PT1M30S for 1 minute 30 seconds.";
    }

    protected override bool TryParse(string text, out TimeSpan value)
    {
        try
        {
            value = XmlConvert.ToTimeSpan(text);
            return true;
        }
        catch (Exception failure) when (failure is FormatException or OverflowException)
        {
            value = default;
            return false;
        }
    }

    protected override object Write(TimeSpan value) => XmlConvert.ToString(value);
}
