using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DeployCard.Repository.Tests.Contracts;

/// <summary>The XML documentation that the build writes next to an assembly.</summary>
internal static partial class XmlDocs
{
    private static readonly Dictionary<Assembly, Dictionary<string, string>> Loaded = [];

    /// <summary>The summary of a class as Markdown on one line.</summary>
    public static string Summary(Type type) => Summary(type, $"T:{TypeName(type)}");

    /// <summary>The summary of a property as Markdown on one line.</summary>
    public static string Summary(PropertyInfo property) =>
        Summary(property.DeclaringType!, $"P:{TypeName(property.DeclaringType!)}.{property.Name}");

    /// <summary>The summary of a field or an enum value as Markdown on one line.</summary>
    public static string Summary(FieldInfo field) => Summary(field.DeclaringType!, $"F:{TypeName(field.DeclaringType!)}.{field.Name}");

    private static string Summary(Type type, string member)
    {
        lock (Loaded)
        {
            if (!Loaded.TryGetValue(type.Assembly, out var members))
                Loaded[type.Assembly] = members = Load(type.Assembly);
            return members.GetValueOrDefault(member) ?? throw new InvalidOperationException($"{member} has no documentation.");
        }
    }

    private static string TypeName(Type type) => type.FullName!.Replace('+', '.');

    private static Dictionary<string, string> Load(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        return XDocument
            .Load(file)
            .Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => Text(member.Element("summary")!));
    }

    private static string Text(XElement summary) => Space().Replace(string.Concat(summary.Nodes().Select(Markdown)), " ").Trim();

    private static string Markdown(XNode node) =>
        node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } reference when reference.Attribute("cref") is { } cref => $"`{cref.Value.Split('.')[^1]}`",
            XElement { Name.LocalName: "see" } word => word.Attribute("langword")?.Value ?? word.Value,
            XElement other => other.Value,
            XText text => text.Value,
            _ => "",
        };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
