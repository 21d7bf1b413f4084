using System.Linq.Expressions;
using System.Reflection;
using GraphQL;
using GraphQL.Resolvers;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>Reads a property. The execution strategy knows it, and calls it without a context or a task.</summary>
internal sealed class PropertyResolver(PropertyInfo property) : IFieldResolver
{
    public Func<object, object?> Read { get; } = Compile(property);

    public ValueTask<object?> ResolveAsync(IResolveFieldContext context) => new(Read(context.Source!));

    private static Func<object, object?> Compile(PropertyInfo property)
    {
        var source = Expression.Parameter(typeof(object));
        var read = Expression.Property(Expression.Convert(source, property.DeclaringType!), property);
        return Expression.Lambda<Func<object, object?>>(Expression.Convert(read, typeof(object)), source).Compile();
    }
}
